import type { CanaryAppArgs } from "../../../components";

/** Texts that would do harm somewhere if they were taken for more than data. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  YAML: "x\n  hostNetwork: true\n- y: {z",
  "a YAML document": "x\n---\napiVersion: v1",
  "a YAML tag": "!!js/function 'x'",
  "a YAML alias": "*x",
  JSON: '","privileged":true,"x":"',
  "a template": "{{ .Values.x }}${x}%{x}",
  "a shell's command": "$(touch /tmp/x); `id` | sh #",
  "a header": "x\r\nx-admin: yes",
  "an endless expression": "(a+)+$",
  "another expression": ".*|^$",
  "an open expression": "([",
  quotes: `'"\\`,
  "another folder": "../../../etc/passwd",
  null: "x\u0000y",
  "text that runs backwards": "\u202egnp.exe",
  "letters that look alike": "ехаmple",
  "an emoji": "🐤",
  "half of one": "\ud83d",
  "a prototype": "__proto__",
  "a constructor": "constructor",
  spaces: "  x  ",
  nothing: "",
  "a very long text": "x".repeat(20_000),
};

const image = "registry.example.com/shop:1.0";
const one = (more: Partial<CanaryAppArgs["versions"][number]>): Partial<CanaryAppArgs> => ({
  versions: [{ name: "v1", image, ...more }],
  weights: undefined,
  weight: 100,
});
const route = (more: object): Partial<CanaryAppArgs> => ({ routes: [{ match: [{ uri: { prefix: "/" } }], ...more }] });
const match = (more: object): Partial<CanaryAppArgs> => ({ routes: [{ match: [more] }] });

/**
 * Where people's texts go: the arguments with a text at that place. A place that takes `benign` is one that the text
 * gets through.
 */
export const PLACES: Readonly<Record<string, (text: string) => Partial<CanaryAppArgs>>> = {
  "a version's name": (text) => one({ name: text }),
  "an image": (text) => one({ image: text }),
  "a command": (text) => one({ pod: { command: [text] } }),
  "a program's argument": (text) => one({ pod: { args: [text] } }),
  "a variable's name": (text) => one({ pod: { env: { [text]: "x" } } }),
  "a variable": (text) => one({ pod: { env: { NAME: text } } }),
  "a Secret's name": (text) => one({ pod: { envFrom: [{ name: "NAME", secret: text, key: "key" }] } }),
  "a label": (text) => one({ pod: { labels: { team: text } } }),
  "a label's name": (text) => one({ pod: { labels: { [text]: "x" } } }),
  "an annotation": (text) => one({ pod: { annotations: { note: text } } }),
  "an annotation's name": (text) => one({ pod: { annotations: { [text]: "x" } } }),
  "a node's label": (text) => one({ pod: { nodeSelector: { disk: text } } }),
  "a volume's folder": (text) => one({ pod: { volumes: [{ name: "data", mountPath: `/${text}`, emptyDir: {} }] } }),
  "a probe's path": (text) => one({ pod: { readinessProbe: { http: { path: `/${text}` } } } }),
  "a probe's command": (text) => one({ pod: { readinessProbe: { exec: [text] } } }),
  "a ServiceAccount": (text) => one({ pod: { serviceAccountName: text } }),
  "the app's name": (text) => ({ appName: text }),
  "the namespace": (text) => ({ namespace: { name: text } }),
  "a label of the namespace": (text) => ({ namespace: { labels: { team: text } } }),
  "the mesh's revision": (text) => ({ mesh: { install: false, revision: text, gateway: { address: "203.0.113.7" } } }),
  "a host": (text) => ({ hosts: [`${text}.example.com`] }),
  "a Gateway": (text) => ({ gateway: { use: `edge/${text}` } }),
  "a whole path": (text) => match({ uri: { exact: `/${text}` } }),
  "a path's start": (text) => match({ uri: { prefix: `/${text}` } }),
  "a path's expression": (text) => match({ uri: { regex: `/${text}` } }),
  "a header": (text) => match({ headers: { "x-user": { exact: text } } }),
  "a header's name": (text) => match({ headers: { [text]: { exact: "x" } } }),
  "a parameter of the query": (text) => match({ queryParams: { [text]: { exact: text } } }),
  "a caller's label": (text) => match({ sourceLabels: { app: text } }),
  "a header that is set": (text) => route({ headers: { request: { set: { "x-user": text } } } }),
  "a set header's name": (text) => route({ headers: { response: { add: { [text]: "x" } } } }),
  "a redirect's path": (text) => route({ redirect: { uri: `/${text}` } }),
  "a redirect's host": (text) => route({ redirect: { authority: text } }),
  "a rewritten path": (text) => route({ rewrite: { uri: `/${text}` } }),
  "a rewriting expression": (text) => route({ rewrite: { uriRegexRewrite: { match: text, rewrite: "/" } } }),
  "an answer": (text) => route({ directResponse: { status: 200, body: text } }),
  "an origin": (text) => route({ cors: { allowOrigins: [{ exact: text }] } }),
  "a cookie": (text) => ({ sticky: { cookieName: text } }),
  "a cookie's path": (text) => ({ sticky: { path: `/${text}` } }),
  "a cookie's domain": (text) => ({ hosts: [`${text}.example.com`], sticky: { domain: `${text}.example.com` } }),
  "a hashed header": (text) => ({ trafficPolicy: { consistentHash: { httpHeaderName: text } } }),
  "a path of access": (text) => ({ access: [{ gateway: true, paths: [`/${text}`] }] }),
  "a caller": (text) => ({ access: [{ gateway: true, serviceAccounts: [`shop/${text}`] }] }),
};
