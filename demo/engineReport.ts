import type { EngineEvent } from "@pulumi/pulumi/automation";

const DONE: Readonly<Record<string, string>> = {
  create: "+ created",
  update: "~ updated",
  delete: "- deleted",
  replace: "± replaced",
  "create-replacement": "± created",
  "delete-replaced": "± deleted",
};

/**
 * Prints what the engine does, one line for each resource that is done; unchanged ones are omitted.
 *
 * @returns A handler for the engine's events.
 */
export function engineReport(write: (text: string) => void): (event: EngineEvent) => void {
  return ({ resOutputsEvent, resOpFailedEvent, diagnosticEvent }) => {
    const done = resOutputsEvent && DONE[resOutputsEvent.metadata.op];
    if (done) {
      write(`  ${done} ${describe(resOutputsEvent.metadata)}\n`);
    }
    if (resOpFailedEvent) {
      write(`  ! failed ${describe(resOpFailedEvent.metadata)}\n`);
    }
    if (diagnosticEvent?.severity === "error") {
      write(`  ! ${diagnosticEvent.message.replace(/<\{%[^%]*%\}>/g, "").trim()}\n`);
    }
  };
}

function describe({ type, urn }: { type: string; urn: string }): string {
  return `${type.split(":").at(-1)} ${urn.split("::").at(-1)}`;
}
