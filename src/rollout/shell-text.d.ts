/** A shell file as text: esbuild and vite both know this form. */
declare module "*.sh?raw" {
  const text: string;
  export default text;
}
