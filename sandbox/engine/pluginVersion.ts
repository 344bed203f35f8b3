import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { credentials, Metadata } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

/** The time limit for a provider to report its version, in milliseconds. */
const ANSWER_MS = 30_000;

/** A plugin expects an engine's address; this one is asked a single question, for which any address will do. */
const NO_ENGINE = "127.0.0.1:1";

/**
 * The version that a provider reports by the protocol between Pulumi's engine and its plugins.
 * @param program its path
 * @throws Error if it does not start, or does not respond within 30 s
 */
export async function pluginVersion(program: string): Promise<string> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const plugin = spawn(program, [NO_ENGINE], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    return await versionAt(await portOf(plugin, signal));
  } finally {
    plugin.kill("SIGKILL");
  }
}

/** The first line that it prints. */
function portOf(plugin: ChildProcess & { stdout: Readable }, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    plugin.once("error", reject);
    plugin.once("close", (code, by) => reject(new Error(`it ended with ${by ?? code}`)));
    signal.addEventListener("abort", () => reject(new Error(`it said nothing within ${ANSWER_MS / 1000} s`)), {
      once: true,
    });
    createInterface({ input: plugin.stdout }).once("line", (line) => resolve(Number(line)));
  });
}

function versionAt(port: number): Promise<string> {
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  return new Promise<string>((resolve, reject) => {
    client.getPluginInfo(new Empty(), new Metadata(), { deadline: Date.now() + ANSWER_MS }, (error, info) => {
      client.close();
      if (error) reject(error);
      else resolve(info.getVersion().replace(/^v/, ""));
    });
  });
}
