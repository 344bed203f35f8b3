import type { Plan } from "../plan/plan";
import type { RolloutEvent } from "../runner/event";
import { appsText, placesText, sharesText } from "../plan/planApps";
import { sentence, stepName, usersText } from "../report/sentence";
import { NotificationEvent } from "../plan/notifySettings";

/** How serious a message is. */
export type Severity = "success" | "error" | "info" | "warning";

/** A notification before it is formatted. */
export interface Message {
  about: NotificationEvent;
  severity: Severity;
  /** One sentence. */
  title: string;
  /** What else is worth knowing: names and texts. */
  facts: readonly (readonly [string, string])[];
  /** What it is about. */
  event: RolloutEvent;
  plan: Plan;
}

/** Finds the occasions in a run's events, in which each wait for an approval is one, however often it is asked. */
export class MessageBuilder {
  private plan: Plan | undefined;
  private readonly waiting = new Set<string>();

  /**
   * @param stack The stack's name.
   * @param history The run's events until now, which are not told again.
   */
  constructor(
    private readonly stack: string,
    history: readonly RolloutEvent[] = [],
  ) {
    history.forEach((event) => this.messages(event));
  }

  /** What is to be told of an event. */
  messages(event: RolloutEvent): Message[] {
    if (event.type === "started") {
      this.plan = event.plan;
      this.waiting.clear();
    }
    const { plan } = this;
    return plan === undefined ? [] : this.about(event, plan);
  }

  private about(event: RolloutEvent, plan: Plan): Message[] {
    const message = (
      about: NotificationEvent,
      severity: Severity,
      title: string,
      ...facts: [string, string][]
    ): Message[] => [
      {
        about,
        severity,
        title,
        facts: [
          plan.others === undefined ? ["app", `${plan.app} in ${plan.namespace}`] : ["apps", placesText(plan)],
          ["stack", this.stack],
          ...facts,
          ["run", event.run],
        ],
        event,
        plan,
      },
    ];
    switch (event.type) {
      case "started":
        return message(NotificationEvent.Started, "info", sentence(event, plan), [
          "now",
          sharesText(plan, plan.before),
        ]);
      case "takenOver":
        return message(NotificationEvent.Started, "info", sentence(event, plan));
      case "shifted":
        return message(NotificationEvent.Step, "info", sentence(event, plan), [
          "weights",
          sharesText(plan, plan.steps[event.step] ?? plan.promotion),
        ]);
      case "sampled":
        return this.newlyWaiting(event, plan).flatMap((gate) =>
          message(
            NotificationEvent.Waiting,
            "warning",
            `${gate} waits for approval`,
            ["step", stepName(plan, event.step)],
            ["to approve", `canary approve --stack ${this.stack}`],
          ),
        );
      case "paused":
        return event.gate === undefined
          ? []
          : message(
              NotificationEvent.Waiting,
              "warning",
              `${appsText(plan)}: ${event.gate} failed, and the run is paused`,
              ["why", event.why ?? ""],
              ["to go on", `canary resume --stack ${this.stack}`],
              ["to roll back", `canary abort --stack ${this.stack}`],
              ["to promote", `canary promote --stack ${this.stack}`],
            );
      case "promoted":
        return message(NotificationEvent.Promoted, "success", sentence(event, plan), ...users(event));
      case "rolledBack":
        return message(
          NotificationEvent.RolledBack,
          "error",
          `${appsText(plan)}: ${sentence(event, plan)}`,
          ...this.why(event),
          ...users(event),
        );
      case "failed":
        return message(
          NotificationEvent.Failed,
          "error",
          `${appsText(plan)}: ${sentence(event, plan)}`,
          ["to try again", `canary rollback --stack ${this.stack}`],
          ...users(event),
        );
      case "rollingBack":
        this.reason = event.why;
        return [];
      default:
        return [];
    }
  }

  private reason = "";

  private why({ reason }: RolloutEvent & { type: "rolledBack" }): [string, string][] {
    return [["why", this.reason === "" ? reason : this.reason]];
  }

  private newlyWaiting({ step, results }: RolloutEvent & { type: "sampled" }, plan: Plan): string[] {
    const approvals = plan.gates.filter(({ kind }) => kind === "approval").map(({ name }) => name);
    const waiting = results
      .filter(({ gate, verdict }) => approvals.includes(gate) && verdict === "inconclusive")
      .map(({ gate }) => gate);
    return waiting.filter((gate) => {
      const key = JSON.stringify([gate, step]);
      const isNew = !this.waiting.has(key);
      this.waiting.add(key);
      return isNew;
    });
  }
}

function users({ users: seen }: { users?: { requests: number; failures: number } }): [string, string][] {
  return seen === undefined ? [] : [["users saw", usersText(seen)]];
}
