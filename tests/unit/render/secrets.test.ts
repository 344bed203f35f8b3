import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, IstioMesh, SharedGateway } from "../../../components";
import { changesBetween } from "../../../src/preview/change/betweenRecordings";
import { CLOSED_SECRET } from "../../../src/render/secretMark";
import { type RecordedResource, record } from "../../../src/render/recorder";
import { renderedDiff } from "../../../src/render/diff";
import { render } from "../../../src/render/steps";
import { RenderFormat, renderedText } from "../../../src/render/text";
import { markdown } from "../../../src/preview/report/markdown";
import { text } from "../../../src/preview/report/text";
import { argumentTypes } from "../../../tools/docs/schema";
import { recordFailing, TWO_VERSIONS } from "../recordings";
import { reviewedSchema } from "../support/reviewedSchema";
import { secretPlaces } from "../support/secretPlaces";
import { reportOf } from "../preview/appChange";

const SECRET = "s3cret-that-nobody-may-see";
const PROJECT = { project: "test", stack: "dev" };

const secret = () => pulumi.secret(SECRET);
const [v1, v2] = TWO_VERSIONS.versions;
const APP = { ...TWO_VERSIONS, mesh: { install: false }, hosts: ["shop.example.com"] };

/** On a cluster of its own: two components of one program cannot have the same hosts, nor an Istio each. */
const alone = (name: string) => ({ provider: new k8s.Provider(name) });

/** Makes a component with arguments; the secret one of a version is the first version's. */
const MAKERS: Record<string, (name: string, args: any) => unknown> = {
  CanaryAppArgs: (name, args) =>
    new CanaryApp(
      name,
      { ...args, versions: args.versions.length === 1 ? [{ ...v1, ...args.versions[0] }, v2] : args.versions },
      alone(name),
    ),
  IstioMeshArgs: (name, args) => new IstioMesh(name, args, alone(name)),
  SharedGatewayArgs: (name, args) => new SharedGateway(name, args, alone(name)),
};

/** A component with one secret among its arguments. */
interface Case {
  name: string;
  path: string;
  make: () => unknown;
}

const TYPES = argumentTypes(reviewedSchema());

const CASES: readonly Case[] = Object.entries(MAKERS).flatMap(([root, make]) =>
  secretPlaces(TYPES, root, root === "CanaryAppArgs" ? { ...APP } : {}, secret).map(({ path, args }, index) => {
    const name = `${root.slice(0, 3).toLowerCase()}${index}`;
    return { name, path: `${root}.${path}`, make: () => make(name, args) };
  }),
);

/** What became of all cases: everything that was said, and the objects of those that were not refused. */
interface Told {
  messages: string[];
  resources: RecordedResource[];
  warnings: string[];
}

async function tellAll(): Promise<Told> {
  const messages: string[] = [];
  const attempt = ({ make }: Case) => {
    try {
      make();
      return true;
    } catch (error) {
      messages.push((error as Error).message);
      return false;
    }
  };
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0; // Pulumi's runtime takes a stack for every promise, which is most of its time
  try {
    let sound: Case[] = [];
    const late = (await recordFailing(() => (sound = CASES.filter(attempt)))).messages;
    messages.push(...late);
    const accepted = sound.filter(({ name }) => !late.some((message) => message.includes(`"${name}"`)));
    const { resources, warnings } = await record(() => accepted.forEach(attempt), PROJECT);
    return { messages: [...messages, ...warnings], resources, warnings };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

describe("a secret in any text of the arguments", function () {
  this.timeout("5m");
  let told: Told;
  before(async () => {
    told = await tellAll();
  });

  it("is in no rendering and no report", () => {
    const steps = render(told.resources);
    const blank = told.resources.map((resource) => ({ ...resource, inputs: {} }));
    const report = reportOf(changesBetween({ resources: blank }, told));
    const outputs = [
      ...Object.values(RenderFormat).map((format) => renderedText(steps, format)),
      renderedDiff([], steps),
      text(report),
      markdown(report),
      JSON.stringify(report),
    ];
    for (const output of outputs) {
      assert.ok(
        !output.includes(SECRET),
        output.split("\n").find((line) => line.includes(SECRET)),
      );
      assert.ok(output.includes(CLOSED_SECRET.replace(/[[\]]/g, "")));
    }
  });

  it("is in no error and no warning", () => {
    assert.deepEqual(
      told.messages.filter((message) => message.includes(SECRET)),
      [],
    );
    assert.ok(told.messages.some((message) => message.includes("holds a secret")));
  });

  it("comes as far as an object or a refusal, for nearly all of them", () => {
    const objects = told.resources.filter(({ inputs }) => JSON.stringify(inputs).includes(CLOSED_SECRET));
    const reached = CASES.filter(
      ({ name }) =>
        told.messages.some((message) => message.includes(`"${name}"`)) ||
        objects.some((resource) => new RegExp(`^${name}(-|$)`).test(resource.name)),
    );
    const missed = CASES.filter((each) => !reached.includes(each)).map(({ path }) => path);
    assert.ok(
      CASES.length > 150 && missed.length < CASES.length / 20,
      `${missed.length} of ${CASES.length}: ${missed.join(", ")}`,
    );
  });
});
