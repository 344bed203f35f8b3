import assert from "node:assert/strict";
import { testEngine } from "../support/engine";
import { podsOf } from "../support/pods";
import { providerBehaviour } from "../support/providerBehaviour";
import { SOUND, TroubledApp, trial } from "../support/troubledApp";
import { refusalOf } from "../support/workload";

/** What people change with kubectl: the kind, the object, and how. */
const EDITS: readonly [kind: string, name: string, patch: object | object[]][] = [
  ["virtualservice", "edited", [{ op: "replace", path: "/spec/http/0/route/0/destination/subset", value: "v2" }]],
  ["destinationrule", "edited-v1", [{ op: "replace", path: "/spec/subsets/0/labels/version", value: "v2" }]],
  ["service", "edited", [{ op: "replace", path: "/spec/ports/0/targetPort", value: 8081 }]],
];

describe("what somebody has changed on the cluster", function () {
  this.timeout("10m");
  let app: TroubledApp;

  before(async () => {
    app = await TroubledApp.start(await testEngine(), "edited");
  });

  /** Whether a preview reports a conflict with kubectl for an object that no `up` has changed since it created it. */
  const conflictsSinceCreation = async () => (await providerBehaviour()).creatingVerb === "patch";

  /**
   * Asserts that a preview shows the update; if it reports a conflict, once it may take fields over, as the `up` does.
   */
  async function assertShown(conflicts: boolean): Promise<void> {
    if (conflicts) {
      assert.match(await refusalOf(app.previewed()), /conflict with "kubectl-patch"/);
      assert.deepEqual(await app.permitting("PULUMI_K8S_ENABLE_PATCH_FORCE", () => app.previewed()), { update: 1 });
    } else {
      assert.deepEqual(await app.previewed(), { update: 1 });
    }
  }

  for (const [kind, name, patch] of EDITS) {
    it(`is shown by a preview with refresh and undone by an up with refresh: a ${kind}`, async () => {
      const { spec } = await app.object(kind, name);
      await app.edit(kind, name, patch);
      assert.notDeepEqual((await app.object(kind, name)).spec, spec);
      await assertShown(await conflictsSinceCreation());
      await app.stack.up({ refresh: true });
      assert.deepEqual((await app.object(kind, name)).spec, spec);
      assert.deepEqual(await app.previewed(), {});
    });
  }

  it("is a conflict in the preview, but not in the up, of an object that an earlier up has changed", async () => {
    const [[kind, name, patch]] = EDITS;
    await app.up({ ...SOUND, weight: 100 });
    await app.up(SOUND);
    const { spec } = await app.object(kind, name);
    await app.edit(kind, name, patch);
    await assertShown(true);
    await app.stack.up({ refresh: true });
    assert.deepEqual((await app.object(kind, name)).spec, spec);
  });

  it("is created again if it was deleted", async () => {
    await app.kubectl.run("delete", "virtualservice", "edited", "-n", "edited");
    assert.deepEqual(await app.previewed(), { create: 1 });
    await app.stack.up({ refresh: true });
    await app.untilServedBy("1.0");
    assert.deepEqual(await app.previewed(), {});
  });

  describe("with kubectl, and is taken back by the next update of that object", () => {
    const warned = async (asked: Parameters<TroubledApp["reviewed"]>[0]) =>
      (await app.reviewed(asked)).warnings.filter(({ code }) => code === "kubectl-undone").map(({ text }) => text);
    const pods = () => podsOf(app.kubectl, "edited", "v1");
    const more = (replicas: number) => ({ ...SOUND, versions: [trial(1, { replicas }), trial(2)] });

    it("pods are replaced that were restarted before: a preview warns of it, and of nothing where nothing was done", async () => {
      assert.deepEqual(await warned(more(2)), []);
      await app.up(SOUND);
      await app.kubectl.run("rollout", "restart", "deployment/edited-v1", "-n", "edited");
      await app.kubectl.run("rollout", "status", "deployment/edited-v1", "-n", "edited", "--timeout=120s");
      const [text, ...others] = await warned(more(2));
      assert.deepEqual(others, []);
      assert.match(
        text,
        /Deployment edited-v1: .* all its pods are replaced: .*restartedAt \(by kubectl-rollout\).* goes/,
      );
      const before = await pods();
      await app.up(more(2));
      await app.kubectl.run("rollout", "status", "deployment/edited-v1", "-n", "edited", "--timeout=120s");
      const { template } = (await app.object("deployment", "edited-v1")).spec;
      assert.equal(template.metadata.annotations?.["kubectl.kubernetes.io/restartedAt"], undefined);
      assert.deepEqual(
        (await pods()).filter((pod) => before.includes(pod)),
        [],
      );
      assert.deepEqual(await warned(more(1)), []);
    });

    it("variables of the pods go, and annotations of the routes", async () => {
      await app.up(SOUND);
      await app.kubectl.run("set", "env", "deployment/edited-v1", "LOG_LEVEL=debug", "-n", "edited");
      await app.kubectl.run("rollout", "status", "deployment/edited-v1", "-n", "edited", "--timeout=120s");
      await app.kubectl.run("annotate", "virtualservice", "edited", "owner=ada", "-n", "edited");
      const told = (await warned({ ...more(2), weight: 50 })).join("\n");
      assert.match(told, /Deployment edited-v1: .* all its pods are replaced: .*env.*LOG_LEVEL.*debug/);
      assert.match(
        told,
        /VirtualService edited-routes: .*metadata\.annotations\.owner \(by kubectl-annotate\), now ada, goes/,
      );
      await app.up({ ...more(2), weight: 50 });
      assert.equal((await app.object("virtualservice")).metadata.annotations?.owner, undefined);
      const [container] = (await app.object("deployment", "edited-v1")).spec.template.spec.containers;
      assert.deepEqual(container.env ?? [], []);
    });
  });
});
