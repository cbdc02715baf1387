type TemplatePart = { readonly text: string } | { readonly tag: string };

export type Template =
  | { readonly ok: true; readonly parts: readonly TemplatePart[] }
  | { readonly ok: false; readonly message: string };

/** Splits a text at its `<< … >>` tags. `\<<` is a plain `<<`. */
export function parseTemplate(source: string): Template {
  const parts: TemplatePart[] = [];
  let text = "";
  let position = 0;
  for (;;) {
    const open = source.indexOf("<<", position);
    if (open < 0) break;
    if (open > position && source[open - 1] === "\\") {
      text += `${source.slice(position, open - 1)}<<`;
      position = open + 2;
      continue;
    }
    const close = source.indexOf(">>", open + 2);
    if (close < 0) {
      return {
        ok: false,
        message: `Unclosed '<<' tag in string: '${source}'\n('<<' must be escaped as '\\<<' in config v2.1+)`,
      };
    }
    text += source.slice(position, open);
    if (text !== "") parts.push({ text });
    text = "";
    parts.push({ tag: source.slice(open + 2, close).trim() });
    position = close + 2;
  }
  text += source.slice(position);
  if (text !== "") parts.push({ text });
  return { ok: true, parts };
}
