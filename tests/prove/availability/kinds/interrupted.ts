import { openProgramStack, type StackPlace, writeStackConfig } from "../../../../demo/programStack";
import { cluster } from "../../../e2e/support/cluster";
import { UpProcess } from "../../../e2e/support/interrupted";
import { forgetProgram } from "../../../e2e/support/stackFiles";
import { pause, untilAnswered } from "../../../e2e/support/traffic";
import { image } from "../appKind";
import type { Kind, Place } from "../kind";

const STACK = "e2e-interrupted";
const APP = "interrupted";
const HOST = `${APP}.example.com`;

/** How an `up` is cut off. */
const CUTS: readonly ((up: UpProcess) => Promise<unknown>)[] = [
  (up) => up.interrupt(),
  (up) => up.kill(),
  (up) => up.killPart(/pulumi-language-nodejs/),
  (up) => up.killPart(/pulumi-resource-kubernetes/),
];

/** The maximum time after which an `up` is cut off, in milliseconds. */
const LATEST_CUT = 9000;

/** Both versions are replaced in each `up`, so that any moment of it can be hit. */
function configOf(place: Place, round: number): Record<string, unknown> {
  const versions = [2 * round, 2 * round + 1].map((number) => ({
    name: `v${number}`,
    image: image(number % 2 === 0 ? "1.0" : "2.0"),
  }));
  return {
    appName: APP,
    versions,
    weight: 50,
    routes: [{}],
    hosts: [HOST],
    mesh: { install: false, gateway: { address: place.mesh.address } },
  };
}

/** `up`s that are cut off halfway, in four ways in turn, and run again. */
export const interrupted: Kind = {
  name: "interrupted",
  changes:
    "all versions replaced; the up interrupted at a random moment by Ctrl-C, kill -9 of the CLI with all it started, of the language host, of the provider, in turn; then run again",
  repetitions: 20,
  open: async (place) => {
    const { kubeconfig, stateFolder } = await cluster();
    const where: StackPlace = { name: STACK, stateFolder, kubeconfig };
    const stack = await openProgramStack({ ...where, config: configOf(place, 0) }, place.engine);
    await stack.up();
    // Objects that a killed provider has created without recording them exist already.
    stack.workspace.envVars.PULUMI_K8S_UPSERT_EXISTING_OBJECTS = "true";
    await untilAnswered({ url: `http://${place.mesh.address}/`, headers: { host: HOST } });
    return {
      host: HOST,
      internalUrl: `http://${APP}.${APP}.svc.cluster.local/`,
      warnings: new Set(),
      repeat: async (round) => {
        await writeStackConfig({ ...where, config: configOf(place, round) });
        const up = new UpProcess(place.engine, where);
        await pause(Math.random() * LATEST_CUT);
        await CUTS[round % CUTS.length](up);
        await stack.cancel(); // removes the lock of a process that no longer exists
        await stack.up();
        return 2;
      },
      close: async () => {
        await stack.destroy();
        await forgetProgram(STACK);
      },
    };
  },
};
