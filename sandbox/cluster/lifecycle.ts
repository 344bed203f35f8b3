import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { writeMeshValues } from "../mesh";
import { silentProgress, type Progress } from "../progress";
import { checkName, subnetOf } from "./addresses";
import { ApiServer } from "./api";
import { environmentOf, runningState, type Environment } from "./environment";
import { AbortedError, PreflightError, SandboxError } from "./errors";
import { importArchive } from "./importing";
import { Journal } from "./journal";
import { oneAtATime } from "./commandLock";
import { DEFAULT_NAME, type DownOptions, type SandboxOptions, type UpOptions } from "./options";
import { ensureMeshParts, ensureParts, type MeshParts } from "./parts";
import { pathsOf, type Paths } from "./paths";
import { preflight } from "./preflight";
import { bootId, isRunning } from "./processes";
import { leftovers, putBack } from "./putBack";
import { importImages, startCluster } from "./start";
import { readState, writeState, type State } from "./state";
import { until } from "./waiting";

/**
 * Brings a sandbox up, and returns how to use it. One that is already up stays as it is, except that it gets the mesh's
 * images if it has none and they are wanted. Remains of a killed `up` are removed first. If it fails or is aborted,
 * nothing that it changed on the machine stays; after a failure the logs do.
 * @throws PreflightError if this machine cannot run a sandbox, naming all that is missing
 * @throws SandboxError, ToolError if something goes wrong on the way
 * @throws AbortedError after `options.signal`
 */
export async function up(options: UpOptions = {}): Promise<Environment> {
  const name = checkName(options.name ?? DEFAULT_NAME);
  const { mesh = true, progress = silentProgress(), signal } = options;
  await preflight(name, mesh, progress);
  const release = await oneAtATime(name, "up", progress, signal);
  try {
    const paths = pathsOf(name);
    const state = readState(paths);
    if (state?.phase === "up" && isRunning(state.node)) {
      await answers(state, paths, signal);
      progress.line(`The sandbox "${name}" is up already.`);
      if (!mesh || state.charts !== undefined) return environmentOf(name, state);
      return environmentOf(name, await addMesh(name, state, await ensureMeshParts(progress), paths, progress, signal));
    }
    await clearAway(name, state, paths, progress);
    return await bringUp(name, mesh, paths, progress, signal);
  } finally {
    release();
  }
}

/**
 * Takes a sandbox down: nothing that it created on the machine stays, and none of its data unless `options.wipe` is
 * false. Not an error if there is none.
 * @returns whether there was anything to take down
 * @throws SandboxError if something cannot be removed; it can be repeated
 */
export async function down(options: DownOptions = {}): Promise<boolean> {
  const name = checkName(options.name ?? DEFAULT_NAME);
  const { wipe = true, progress = silentProgress() } = options;
  if (process.platform !== "linux") return false; // there can be none
  const release = await oneAtATime(name, "down", progress);
  try {
    const paths = pathsOf(name);
    const state = readState(paths);
    const changed = existsSync(paths.journal) && Journal.open(paths.journal).changes.length > 0;
    if (!changed && leftovers(name).length === 0 && (!existsSync(paths.folder) || !wipe)) return false;
    if (process.getuid?.() !== 0)
      throw new PreflightError(
        `The sandbox "${name}" can be taken down by root only: run it as root, or with \`sudo -E\`.`,
      );
    const step = progress.step(`taking down the sandbox "${name}"`);
    const began = Date.now();
    try {
      await putBack(name, paths, progress);
      if (wipe) await rm(paths.folder, { recursive: true, force: true });
      else if (state) writeState(paths, { ...withoutNode(state), phase: "stopped" });
      step.done(`${((Date.now() - began) / 1000).toFixed(1)} s${wipe ? "" : `; its data is kept in ${paths.folder}`}`);
    } catch (error) {
      step.failed();
      throw error;
    }
    return true;
  } finally {
    release();
  }
}

/**
 * Imports an archive of images (as `docker save` writes it, or an OCI layout) into a sandbox that is up. Pods find
 * them under their names with imagePullPolicy IfNotPresent or Never.
 * @throws SandboxError if the sandbox is not up, or the archive is not there or not whole
 */
export async function importImage(archive: string, options: SandboxOptions = {}): Promise<void> {
  const name = checkName(options.name ?? DEFAULT_NAME);
  if (!existsSync(archive)) throw new SandboxError(`There is no archive ${archive} to import.`);
  await importArchive(name, archive, runningState(name), pathsOf(name));
}

async function bringUp(
  name: string,
  mesh: boolean,
  paths: Paths,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Environment> {
  // Everything is built before the first change of the machine.
  const made = await ensureParts(mesh, progress);
  const isNew = !existsSync(paths.folder);
  try {
    if (signal?.aborted) throw new AbortedError(`Starting the sandbox "${name}": interrupted.`);
    let state = await startCluster({ name, paths, parts: made.parts, progress, signal });
    if (made.mesh) state = await addMesh(name, state, made.mesh, paths, progress, signal);
    state = writeState(paths, { ...state, phase: "up" });
    return environmentOf(name, state);
  } catch (error) {
    try {
      await putBack(name, paths, progress);
    } catch (second) {
      throw new SandboxError(
        `${(error as Error).message}\nAnd what was started could not be taken down: ${(second as Error).message} Run \`down --name ${name}\`.`,
        { cause: error },
      );
    }
    const state = readState(paths);
    if (error instanceof AbortedError && isNew) await rm(paths.folder, { recursive: true, force: true });
    else if (state) writeState(paths, { ...withoutNode(state), phase: "stopped" });
    throw error;
  }
}

/** Imports the mesh's images, and writes the values of its charts. */
async function addMesh(
  name: string,
  state: State,
  mesh: MeshParts,
  paths: Paths,
  progress: Progress,
  signal?: AbortSignal,
): Promise<State> {
  const step = progress.step("importing images");
  try {
    if (!state.node) throw new SandboxError("The node is gone.");
    let done = 0;
    const images = await importImages(name, state, mesh.images, { paths, node: state.node, signal }, (image) =>
      step.update(done++, mesh.images.length, image.name),
    );
    writeMeshValues(paths.values, { nodeAddress: subnetOf(state.subnet).nodeAddress });
    step.done(mesh.images.map((image) => image.name).join(", "));
    return writeState(paths, { ...state, images, charts: mesh.charts });
  } catch (error) {
    step.failed();
    throw error;
  }
}

/** Removes what an earlier sandbox of this name has left on the machine, and its data if that cannot be trusted. */
async function clearAway(name: string, state: State | undefined, paths: Paths, progress: Progress): Promise<void> {
  if (!state) return;
  if (Journal.open(paths.journal).changes.length > 0) {
    progress.line(`Putting back what the sandbox "${name}" left when it ended without \`down\`.`);
    await putBack(name, paths, progress);
  }
  // etcd does not wait for the disk, so after a crash of the machine its files may be from different moments.
  if (state.phase !== "stopped" && state.boot !== bootId()) {
    progress.line(`The machine was restarted while the sandbox "${name}" was up: its data is dropped.`);
    await rm(paths.folder, { recursive: true, force: true });
  }
}

/** A sandbox that is up responds; a program that has just ended is back within seconds. */
async function answers(state: State, paths: Paths, signal?: AbortSignal): Promise<void> {
  if (!state.node) return;
  const api = new ApiServer(paths.kubeconfig);
  try {
    await until("the API server", { paths, node: state.node, signal }, () => api.isReady());
  } finally {
    api.close();
  }
}

function withoutNode(state: State): State {
  const { node: _node, startedAt: _startedAt, ...rest } = state;
  return rest;
}
