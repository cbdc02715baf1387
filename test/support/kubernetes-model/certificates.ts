import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificates {
  readonly authority: string;
  readonly server: { readonly certificate: string; readonly key: string };
  /** Of the user `robot`. */
  readonly client: { readonly certificate: string; readonly key: string };
}

/** A new authority, and what it vouches for: a server on 127.0.0.1 and a client. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "circleback-ca-"));
  const openssl = (...args: readonly string[]) =>
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const issue = (name: string, subject: string, extensions: string) => {
    writeFileSync(join(folder, `${name}.ext`), extensions);
    openssl("req", "-new", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", subject);
    openssl(
      ...["x509", "-req", "-in", `${name}.csr`, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"],
      ...["-days", "2", "-extfile", `${name}.ext`, "-out", `${name}.crt`],
    );
    return { certificate: read(`${name}.crt`), key: read(`${name}.key`) };
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  try {
    openssl(
      "req",
      "-x509",
      ...newKey,
      "-keyout",
      "ca.key",
      "-out",
      "ca.crt",
      "-days",
      "2",
      "-subj",
      "/CN=kubernetes",
    );
    return {
      server: issue("server", "/CN=kube-apiserver", "subjectAltName=IP:127.0.0.1"),
      client: issue("client", "/CN=robot", "extendedKeyUsage=clientAuth"),
      authority: read("ca.crt"),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
