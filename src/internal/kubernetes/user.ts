import type { Fields, Pem } from "./fields";

/** The user of an API server, and their credentials. */
export interface User {
  /** The user's name in errors, e.g. `user "dev" of the kubeconfig`. */
  title: string;
  /** A client certificate and its key. */
  certificate?: { cert: Pem; key: Pem };
  token?: string;
  /** A file with a token, which goes before {@link token} and can change at any time. */
  tokenFile?: string;
  /** Basic authentication. */
  password?: { username: string; password: string };
  plugin?: Plugin;
  /** Headers by which the user impersonates somebody else. */
  impersonation: Readonly<Record<string, string | string[]>>;
}

/** A command that logs a user in. */
export interface Plugin {
  /** The version of the interface between it and its caller. */
  apiVersion: string;
  command: string;
  args: readonly string[];
  /** Variables beside those of the process. */
  env: Readonly<Record<string, string>>;
  /** What to do if the command is not installed. */
  installHint?: string;
  /** Whether it interacts with the person at the terminal. */
  interactiveMode: InteractiveMode;
  /** Whether it is given the cluster's data. */
  provideClusterInfo: boolean;
}

const INTERACTIVE_MODES = ["Never", "IfAvailable", "Always"] as const;
export type InteractiveMode = (typeof INTERACTIVE_MODES)[number];

const PLUGIN_VERSIONS: readonly (string | undefined)[] = [
  "client.authentication.k8s.io/v1",
  "client.authentication.k8s.io/v1beta1",
];

/** Nobody: requests without credentials. */
export const ANONYMOUS: User = { title: "an anonymous user", impersonation: {} };

/** @throws Error that names the field that is missing, wrong or not supported */
export function readUser(fields: Fields): User {
  const username = fields.text("username");
  const user: User = {
    title: fields.title,
    certificate: certificateOf(fields),
    token: fields.text("token") ?? tokenOfProvider(fields),
    tokenFile: fields.path("tokenFile"),
    password: username === undefined ? undefined : { username, password: fields.text("password") ?? "" },
    plugin: pluginOf(fields),
    impersonation: impersonationOf(fields),
  };
  if (user.password !== undefined && (user.token ?? user.tokenFile) !== undefined) {
    throw new Error(`${fields.title} has a token and a password; remove one of them`);
  }
  return user;
}

function certificateOf(fields: Fields): User["certificate"] {
  const [cert, key] = [fields.pem("client-certificate"), fields.pem("client-key")];
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert === undefined ? ["key", "certificate"] : ["certificate", "key"];
    throw new Error(`${fields.title} has a client-${there} and no client-${missing}; both are needed`);
  }
  return cert && key && { cert, key };
}

/** What was there before plugins: the programs that understood it are gone, except for a token that is written down. */
function tokenOfProvider(fields: Fields): string | undefined {
  const provider = fields.object("auth-provider");
  if (provider === undefined) {
    return undefined;
  }
  const name = provider.text("name");
  const token = name === "oidc" ? provider.object("config")?.text("id-token") : undefined;
  if (token === undefined) {
    throw new Error(
      `${fields.title} logs in by the auth-provider "${name ?? ""}", which kubectl no longer has either: use an exec plugin (for gcp gke-gcloud-auth-plugin, for azure and oidc kubelogin)`,
    );
  }
  const end = endOf(token);
  if (end !== undefined && end < Date.now()) {
    throw new Error(
      `the id-token of ${fields.title} ended at ${new Date(end).toISOString()}: use an exec plugin such as kubelogin, which renews it`,
    );
  }
  return token;
}

/** Until when a JSON web token is good, in ms since the epoch; undefined if it does not say. */
function endOf(token: string): number | undefined {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString()) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function pluginOf(fields: Fields): Plugin | undefined {
  const exec = fields.object("exec");
  if (exec === undefined) {
    return undefined;
  }
  const apiVersion = exec.text("apiVersion");
  if (apiVersion === undefined || !PLUGIN_VERSIONS.includes(apiVersion)) {
    throw new Error(
      `apiVersion of ${exec.title} is ${apiVersion === undefined ? "missing" : `"${apiVersion}"`}: ${PLUGIN_VERSIONS.join(" or ")} is needed; newer versions of the command "${exec.text("command") ?? ""}" write it`,
    );
  }
  const mode = exec.text("interactiveMode") ?? "IfAvailable";
  const interactiveMode = INTERACTIVE_MODES.find((each) => each === mode);
  if (interactiveMode === undefined) {
    throw new Error(`interactiveMode of ${exec.title} is "${mode}": one of ${INTERACTIVE_MODES.join(", ")} is needed`);
  }
  return {
    apiVersion,
    command: exec.command("command"),
    args: exec.texts("args"),
    env: Object.fromEntries(exec.objects("env").map((each) => [each.required("name"), each.text("value") ?? ""])),
    installHint: exec.text("installHint"),
    interactiveMode,
    provideClusterInfo: exec.flag("provideClusterInfo"),
  };
}

function impersonationOf(fields: Fields): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const [user, uid, groups] = [fields.text("as"), fields.text("as-uid"), fields.texts("as-groups")];
  const extra = fields.object("as-user-extra");
  if (user === undefined) {
    if (uid !== undefined || groups.length > 0 || extra !== undefined) {
      throw new Error(
        `${fields.title} says as-uid, as-groups or as-user-extra without as; the name of a user is needed`,
      );
    }
    return headers;
  }
  headers["Impersonate-User"] = user;
  if (uid !== undefined) {
    headers["Impersonate-Uid"] = uid;
  }
  if (groups.length > 0) {
    headers["Impersonate-Group"] = groups;
  }
  for (const key of extra?.keys() ?? []) {
    headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = extra?.texts(key) ?? [];
  }
  return headers;
}
