import { LineCounter, type ParsedNode, type Document, parseDocument } from "yaml";
import { isObject } from "../objects";
import { Fields } from "./fields";

/** Clusters, users and contexts by their names, as one kubeconfig or several have them. */
export interface Kubeconfig {
  clusters: ReadonlyMap<string, Fields>;
  users: ReadonlyMap<string, Fields>;
  contexts: ReadonlyMap<string, Fields>;
  currentContext?: string;
}

/** The entries that a context names. */
export interface Selection {
  /** The context's name. */
  context: string;
  cluster: Fields;
  /** Who asks. @default nobody: no credentials are sent */
  user?: Fields;
}

const SECTIONS = { clusters: "cluster", users: "user", contexts: "context" } as const;

/**
 * Reads a kubeconfig, YAML or JSON.
 *
 * @param title what it is called in errors, e.g. `the kubeconfig /home/me/.kube/config`
 * @param folder what relative paths in it are relative to
 * @throws Error that says where it is wrong, and nothing of what stands there
 */
export function parseKubeconfig(text: string, title: string, folder: string): Kubeconfig {
  const content = new Fields(title, parsed(text, title), folder);
  const [clusters, users, contexts] = (["clusters", "users", "contexts"] as const).map((section) => {
    const named = new Map<string, Fields>();
    for (const entry of content.objects(section)) {
      const name = entry.required("name");
      const kind = SECTIONS[section];
      if (named.has(name)) {
        throw new Error(`${title} has two ${section} called "${name}"; rename or remove one`);
      }
      const entryTitle = `${kind} "${name}" of ${title}`;
      named.set(name, entry.object(kind, entryTitle) ?? new Fields(entryTitle, {}, folder));
    }
    return named;
  });
  return { clusters, users, contexts, currentContext: content.text("current-context") };
}

/** Numbers stay the texts that they are: a password of digits may begin with zeros. */
function parsed(text: string, title: string): Record<string, unknown> {
  const lineCounter = new LineCounter();
  const document: Document.Parsed<ParsedNode> = parseDocument(text, {
    schema: "failsafe",
    customTags: ["null", "bool", "merge"],
    prettyErrors: false,
    lineCounter,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new Error(`${title} is neither YAML nor JSON: line ${line}, column ${col} (${error.code})`);
  }
  let content: unknown;
  try {
    content = document.toJS() ?? {};
  } catch {
    throw new Error(`${title} is not valid YAML: an alias in it has no anchor before it, or there are too many`);
  }
  if (!isObject(content)) {
    throw new Error(`${title} is not a kubeconfig: an object with clusters, users and contexts is needed`);
  }
  return content;
}

/** Several kubeconfigs as one: what stands in an earlier one goes before what has the same name in a later one. */
export function merged(kubeconfigs: readonly Kubeconfig[]): Kubeconfig {
  const all = (section: keyof typeof SECTIONS) =>
    new Map([...kubeconfigs].reverse().flatMap((each) => [...each[section]]));
  return {
    clusters: all("clusters"),
    users: all("users"),
    contexts: all("contexts"),
    currentContext: kubeconfigs.find((each) => each.currentContext !== undefined)?.currentContext,
  };
}

/**
 * The cluster and user of a context.
 *
 * @param context @default the current one
 * @param cluster A cluster in place of the context's. @default the context's
 * @throws Error if there is no such context, or it names what is not there
 */
export function selected(
  { clusters, users, contexts, currentContext }: Kubeconfig,
  context?: string,
  cluster?: string,
): Selection {
  const name = context ?? currentContext;
  const known = [...contexts.keys()].join(", ") || "none";
  if (name === undefined) {
    throw new Error(
      `the kubeconfig has no current context; it has ${known}: name one, or choose it with \`kubectl config use-context\``,
    );
  }
  const chosen = contexts.get(name);
  if (chosen === undefined) {
    throw new Error(`the kubeconfig has no context "${name}"; it has ${known}`);
  }
  const selectedCluster = clusters.get(cluster ?? chosen.text("cluster") ?? "");
  if (selectedCluster === undefined) {
    throw new Error(
      cluster === undefined
        ? `the kubeconfig names no cluster for its context "${name}"`
        : `the kubeconfig has no cluster "${cluster}"; it has ${[...clusters.keys()].join(", ") || "none"}`,
    );
  }
  const userName = chosen.text("user");
  const user = userName === undefined ? undefined : users.get(userName);
  if (userName !== undefined && user === undefined) {
    throw new Error(`the kubeconfig has no user "${userName}", whom its context "${name}" names`);
  }
  return { context: name, cluster: selectedCluster, user };
}
