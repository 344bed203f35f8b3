import { spawn } from "node:child_process";
import { isObject } from "../objects";
import type { Plugin } from "./user";

/** The credentials from a plugin. */
export interface PluginCredentials {
  token?: string;
  /** A client certificate and its key, as PEM. */
  certificate?: { cert: string; key: string };
  /** Until when they are good, in ms since the epoch. @default as long as the API server takes them */
  expires?: number;
}

/** The environment in which a plugin runs. */
export interface PluginSurroundings {
  env: NodeJS.ProcessEnv;
  /** Whether a person is at the process's terminal. */
  terminal: boolean;
}

/** How much of a plugin's error output is shown, in characters. */
const COMPLAINT_LENGTH = 1000;

/**
 * Runs a plugin and reads what it prints. It gets the whole environment, as kubectl and Pulumi's Kubernetes provider
 * give it: whoever writes the kubeconfig decides which command that is, and it may go by any variable, such as
 * `AWS_PROFILE` or a proxy's.
 *
 * @param user what its user is called in errors
 * @param cluster what it is told of the cluster
 * @param signal ends it
 * @throws Error that says what to do if the command is missing, fails, or prints no credentials; it holds nothing of
 *   what the command prints as its result, nor of its variables
 */
export async function runPlugin(
  plugin: Plugin,
  user: string,
  cluster: object | undefined,
  { env, terminal }: PluginSurroundings,
  signal: AbortSignal,
): Promise<PluginCredentials> {
  const { apiVersion, command, interactiveMode } = plugin;
  const interactive = terminal && interactiveMode !== "Never";
  if (interactiveMode === "Always" && !interactive) {
    throw new Error(
      `the command "${command}" of ${user} is interactive, but there is no terminal: log in by other means`,
    );
  }
  const info = { apiVersion, kind: "ExecCredential", spec: { interactive, ...(cluster && { cluster }) } };
  const printed = await outputOf(
    plugin,
    user,
    { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    interactive,
    signal,
  );
  return credentialsIn(printed, plugin, user);
}

function outputOf(
  plugin: Plugin,
  user: string,
  env: NodeJS.ProcessEnv,
  interactive: boolean,
  signal: AbortSignal,
): Promise<string> {
  const { command, args, installHint } = plugin;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, signal, stdio: [interactive ? "inherit" : "ignore", "pipe", "pipe"] });
    let [printed, complaint] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (part: string) => (printed += part));
    child.stderr?.setEncoding("utf8").on("data", (part: string) => {
      complaint += part;
      if (interactive) {
        process.stderr.write(part);
      }
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      const hint = installHint === undefined ? "" : `\n${installHint.trim()}`;
      reject(
        error.code === "ENOENT"
          ? new Error(`${user} needs the command "${command}", which is not installed; install it${hint}`)
          : new Error(`the command "${command}" of ${user} does not run: ${error.code ?? error.name}`),
      );
    });
    child.on("close", (code, killed) => {
      if (code === 0) {
        resolve(printed);
        return;
      }
      const told = withoutSecrets(complaint.trim(), plugin).slice(-COMPLAINT_LENGTH);
      reject(
        new Error(
          `the command "${command}" of ${user} ended with ${killed === null ? `exit code ${code}` : killed}${told === "" ? "" : `: ${told}`}`,
        ),
      );
    });
  });
}

/** A command that fails can quote how it was called. */
function withoutSecrets(text: string, { args, env }: Plugin): string {
  const called = [...Object.entries(env), ...args.map((arg, index) => splitAt(arg, args[index + 1]))];
  return called
    .filter(([name, value]) => /secret|token|password|passphrase|key|credential/i.test(name) && value.length > 3)
    .reduce((told, [, value]) => told.replaceAll(value, "…"), text);
}

/** The name and the value of an option, which stands behind `=` or is the next argument. */
function splitAt(option: string, next = ""): [name: string, value: string] {
  const [, name, value] = /^(-[^=]*)(?:=(.*))?$/s.exec(option) ?? [];
  return name === undefined ? ["", ""] : [name, value ?? next];
}

function credentialsIn(printed: string, { command, apiVersion }: Plugin, user: string): PluginCredentials {
  const wrong = (what: string) => new Error(`the command "${command}" of ${user} ${what}`);
  const credential = fromJson(printed);
  if (!isObject(credential) || credential.kind !== "ExecCredential") {
    throw wrong("printed no ExecCredential in JSON");
  }
  if (credential.apiVersion !== apiVersion) {
    throw wrong(`printed an ExecCredential of another apiVersion; ${apiVersion} is needed, as the kubeconfig says`);
  }
  const status = isObject(credential.status) ? credential.status : {};
  const text = (key: string) => (typeof status[key] === "string" && status[key] !== "" ? status[key] : undefined);
  const [token, cert, key] = [text("token"), text("clientCertificateData"), text("clientKeyData")];
  if ((cert === undefined) !== (key === undefined)) {
    throw wrong("printed only one of clientCertificateData and clientKeyData; both are needed");
  }
  if (token === undefined && cert === undefined) {
    throw wrong("printed an ExecCredential with neither a token nor a client certificate");
  }
  const end = text("expirationTimestamp");
  const expires = end === undefined ? undefined : Date.parse(end);
  if (Number.isNaN(expires)) {
    throw wrong("printed an expirationTimestamp that is no time in RFC 3339");
  }
  return { token, certificate: cert && key ? { cert, key } : undefined, expires };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
