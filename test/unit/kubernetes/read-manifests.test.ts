import { expect, test } from "vitest";
import { parse } from "yaml";
import { readManifests } from "../../../src/kubernetes/read-manifests.ts";
import { readYaml, UnreadYaml } from "../../../src/kubernetes/read-yaml.ts";

test.each([
  "a: 1.0x\nb:\n  c: 'it''s'\n  d: \"x\\ty: z\" # more\nlist:\n- name: one\n  deep:\n    - k: v\n- two\n",
  "# first\nempty: {}\nnone: []\nnothing:\nurl: https://host:6443/path # and why\n",
  "users:\n  - name: a\n    user:\n      token: abc==\n  -\n    name: b\n",
  '{"a": {"b": ["c", null]}}',
])("reads what a parser of all of YAML reads: %j", (text) => {
  expect(readYaml(text)).toEqual(parse(text));
});

test.each([
  "a: &x b",
  "a: |\n  text",
  "a: {b: c}",
  "a: b\na: c",
  "a:\n\tb: c",
  "a: b\n   c: d",
  "a: !!str b",
])("refuses what it does not understand: %j", (text) => {
  expect(() => readYaml(text)).toThrow(UnreadYaml);
});

const script = `apiVersion: v1
kind: ConfigMap
metadata:
  labels: {app: x}
  name: "scripts" # of the api
  annotations:
    note: |
      name: no
data:
  run.sh: |
    name: neither
    ----
`;

test("finds the documents of a file, and reads no more than their heads", () => {
  const namespaced = "kind: Service\napiVersion: v1\nmetadata: # here\n    namespace: web\n    name: api\n";
  const found = readManifests("k8s.yml", `# nothing\n--- # first\n${script}---\n\n---\r\n${namespaced}...\n`);
  expect(found.map(({ text: _, ...rest }) => rest)).toEqual([
    { apiVersion: "v1", kind: "ConfigMap", name: "scripts", namespace: null, place: "k8s.yml, document 2" },
    { apiVersion: "v1", kind: "Service", name: "api", namespace: "web", place: "k8s.yml, document 4" },
  ]);
  expect(parse(found[0]?.text ?? "")).toEqual(parse(script));
});

test("takes a custom kind whose name ends as that of a list", () => {
  const allowed = "apiVersion: example.com/v1\nkind: AllowList\nmetadata:\n  name: x\nspec:\n  items: []\n";
  expect(readManifests("k8s.yml", allowed)).toMatchObject([{ kind: "AllowList", name: "x" }]);
});

test("takes the names that Kubernetes gives itself", () => {
  const role =
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: system:node.x\n";
  expect(readManifests("k8s.yml", role)).toMatchObject([{ name: "system:node.x", namespace: null }]);
});

test.each([
  ["kind: Service\nmetadata:\n  name: x\n", "k8s.yml has no apiVersion"],
  [
    'apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\nkind: List\nmetadata:\n  resourceVersion: ""\n',
    "k8s.yml is a List: write its items as documents of their own",
  ],
  ["apiVersion: v1\nkind: Service\nmetadata: {name: x}\n", "k8s.yml: line 3 is written in a way"],
  ["apiVersion: v1\nkind: Job\nmetadata:\n  generateName: x-\n", "k8s.yml has no metadata.name"],
  [
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: ../../pods/x\n",
    "k8s.yml says metadata.name: ../../pods/x, which is none",
  ],
  ["apiVersion: v1\nkind: Service\nmetadata:\n  name: ..\n", "k8s.yml says metadata.name: .., which is none"],
  [
    "apiVersion: ../v1\nkind: Service\nmetadata:\n  name: x\n",
    "k8s.yml says apiVersion: ../v1, which is none",
  ],
  [
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n  namespace: a/b\n",
    "k8s.yml says metadata.namespace: a/b, which is none",
  ],
])("refuses %j", (text, words) => {
  expect(() => readManifests("k8s.yml", text)).toThrow(words);
});
