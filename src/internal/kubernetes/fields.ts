import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isObject } from "../objects";

/** PEM that stands in a kubeconfig itself, or in a file that it names. */
export interface Pem {
  /** Where it stands, for errors, e.g. `client-key of user "dev"`. */
  title: string;
  /** What stands in the kubeconfig; it goes before the file. */
  data?: Buffer;
  /** The file's absolute path. */
  file?: string;
}

/**
 * What the PEM holds now: files change when certificates are renewed.
 * @throws Error with the file's path if it cannot be read
 */
export async function contentOf(pem: Pem | undefined): Promise<Buffer | undefined> {
  if (pem?.data !== undefined || pem?.file === undefined) {
    return pem?.data;
  }
  return readFile(pem.file).catch((error: Error) => {
    throw new Error(`${pem.title} cannot be read: ${error.message}`);
  });
}

/** The fields of one object in a kubeconfig. Errors name a field and never say what it holds: that can be a secret. */
export class Fields {
  /**
   * @param title what the object is, for errors, e.g. `user "dev" of the kubeconfig`
   * @param folder what relative paths in it are relative to
   */
  constructor(
    readonly title: string,
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly folder: string,
  ) {}

  /** The object as it stands there. */
  get plain(): unknown {
    return this.values;
  }

  /** A text; undefined if it is missing or empty. @throws Error if it is something else */
  text(key: string): string | undefined {
    const value = this.values[key] ?? "";
    if (typeof value !== "string") {
      throw this.wrong(key, "a text is needed, in quotes if it is true, false or null");
    }
    return value === "" ? undefined : value;
  }

  /** A text that has to be there. @throws Error if it is not */
  required(key: string): string {
    const value = this.text(key);
    if (value === undefined) {
      throw new Error(`${this.title} has no ${key}`);
    }
    return value;
  }

  /** True or false; false if it is missing. @throws Error if it is something else */
  flag(key: string): boolean {
    const value = this.values[key] ?? false;
    if (typeof value !== "boolean") {
      throw this.wrong(key, "true or false is needed");
    }
    return value;
  }

  /** A list of texts; empty if it is missing. @throws Error if it is something else */
  texts(key: string): string[] {
    const value = this.values[key] ?? [];
    if (!Array.isArray(value) || value.some((each) => typeof each !== "string")) {
      throw this.wrong(key, "a list of texts is needed, in quotes if they are true, false or null");
    }
    return value as string[];
  }

  /** A list of objects; empty if it is missing. @throws Error if it is something else */
  objects(key: string): Fields[] {
    const value = this.values[key] ?? [];
    if (!Array.isArray(value) || !value.every(isObject)) {
      throw this.wrong(key, "a list of objects is needed");
    }
    return value.map((each, index) => new Fields(`${key}[${index}] of ${this.title}`, each, this.folder));
  }

  /** An object; undefined if it is missing. @throws Error if it is something else */
  object(key: string, title = `${key} of ${this.title}`): Fields | undefined {
    const value = this.values[key] ?? undefined;
    if (value !== undefined && !isObject(value)) {
      throw this.wrong(key, "an object is needed");
    }
    return value && new Fields(title, value, this.folder);
  }

  /** The names of its fields. */
  keys(): string[] {
    return Object.keys(this.values);
  }

  /** A path, made absolute; undefined if it is missing. */
  path(key: string): string | undefined {
    const value = this.text(key);
    return value === undefined ? undefined : resolve(this.folder, value);
  }

  /** A command: one with a folder in its name is a path, the others are looked for in `PATH`. */
  command(key: string): string {
    const value = this.required(key);
    return /[\\/]/.test(value) ? resolve(this.folder, value) : value;
  }

  /** PEM by the fields `KEY-data`, in base64, or `KEY`, a path; undefined if there is neither. */
  pem(key: string): Pem | undefined {
    const [data, file] = [this.text(`${key}-data`), this.path(key)];
    const title = `${data === undefined ? key : `${key}-data`} of ${this.title}`;
    if (data !== undefined) {
      return { title, data: Buffer.from(data, "base64") };
    }
    return file === undefined ? undefined : { title, file };
  }

  private wrong(key: string, allowed: string): Error {
    return new Error(`${key} of ${this.title} is wrong: ${allowed}`);
  }
}
