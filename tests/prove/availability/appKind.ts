import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import { openInlineStack } from "../../e2e/support/inlineStack";
import { untilAnswered } from "../../e2e/support/traffic";
import type { Kind, Place, Subject } from "./kind";

/** The app under load: its name, and its namespace's. */
export const APP = "proven";

/** Where callers reach it. */
export const TARGET = { host: `${APP}.example.com`, internalUrl: `http://${APP}.${APP}.svc.cluster.local/` } as const;

/** The arguments that all such apps share. */
export type AppArgs = Omit<CanaryAppArgs, "mesh">;

/** A kind that consists of `up`s of one app, by the Automation API in this process. */
export interface AppKind extends Omit<Kind, "open"> {
  /** The app's arguments before. */
  first: AppArgs;
  /** The arguments of one repetition, one `up` after the other. */
  steps(round: number): AppArgs[];
}

/** An image of the demo app. */
export const image = (tag: "1.0" | "2.0") => `docker.io/library/canary-demo:${tag}`;

/** A version of the demo app: odd versions have one image, even ones the other. */
export const version = (number: number, more: Partial<CanaryAppArgs["versions"][number]> = {}) => ({
  name: `v${number}`,
  image: image(number % 2 === 1 ? "1.0" : "2.0"),
  ...more,
});

/** Pods that are ready when the app reports it. */
export const POD = {
  readinessProbe: { http: { path: "/ready" }, periodSeconds: 1 },
  resources: { requests: { cpu: "10m", memory: "16Mi" } },
};

/** A kind, given the app's arguments. */
export function appKind({ first, steps, ...kind }: AppKind): Kind {
  return {
    ...kind,
    open: async (place) => {
      const app = await AppSubject.open(place, first);
      return Object.assign(app, { repeat: (round: number) => app.changeTo(steps(round)) });
    },
  };
}

/** The app in a stack whose program is in this process. */
export class AppSubject implements Omit<Subject, "repeat"> {
  readonly host = TARGET.host;
  readonly internalUrl = TARGET.internalUrl;
  readonly warnings = new Set<string>();
  private asked!: AppArgs;
  private stack!: Stack;

  /** Brings it up. */
  static async open({ engine, mesh }: Place, first: AppArgs): Promise<AppSubject> {
    const app = new AppSubject();
    app.stack = await openInlineStack(engine, "prove", async () => {
      new CanaryApp(APP, {
        pod: POD,
        hosts: [TARGET.host],
        ...app.asked,
        mesh: { install: false, gateway: { address: mesh.address } },
      });
    });
    await app.changeTo([first]);
    await untilAnswered({ url: `http://${mesh.address}/`, headers: { host: TARGET.host } });
    return app;
  }

  /** Applies these arguments, one `up` after the other; returns how many there were. */
  async changeTo(steps: readonly AppArgs[]): Promise<number> {
    for (const step of steps) {
      this.asked = step;
      await this.stack.up({
        onEvent: ({ diagnosticEvent }) => {
          if (
            diagnosticEvent?.severity === "warning" &&
            diagnosticEvent.urn?.includes("canary-app:index:CanaryApp::")
          ) {
            this.warnings.add(diagnosticEvent.message.trim());
          }
        },
      });
    }
    return steps.length;
  }

  async close(): Promise<void> {
    await this.stack.destroy();
  }
}
