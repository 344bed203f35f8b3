import type { Message, Severity } from "./message";
import { Template } from "../plan/notifySettings";

/** A message in the form that a program takes. */
export function payload(template: Template, message: Message): unknown {
  switch (template) {
    case Template.Slack:
      return slack(message);
    case Template.Teams:
      return teams(message);
    case Template.Generic:
      return message.event;
  }
}

const COLOURS: Readonly<Record<Severity, string>> = {
  success: "#009e73",
  error: "#d55e00",
  warning: "#e69f00",
  info: "#0072b2",
};

/** Longer texts are cut: both programs refuse a message in which one is too long. */
const LONGEST = 500;

/** Facts are plain texts, in which nothing is a mention, a link or an emphasis. */
function slack({ title, facts, severity }: Message): unknown {
  const escaped = (text: string): string =>
    cut(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const plain = (text: string): unknown => ({ type: "plain_text", text: cut(text), emoji: false });
  return {
    text: escaped(title),
    attachments: [
      {
        color: COLOURS[severity],
        fallback: escaped(title),
        blocks: [{ type: "section", fields: facts.slice(0, 10).map(([name, value]) => plain(`${name}: ${value}`)) }],
      },
    ],
  };
}

const CARD_COLOURS: Readonly<Record<Severity, string>> = {
  success: "Good",
  error: "Attention",
  warning: "Warning",
  info: "Accent",
};

/** Text runs are plain; a text block would take what it says for Markdown. */
function teams({ title, facts, severity }: Message): unknown {
  const line = (...inlines: object[]): unknown => ({
    type: "RichTextBlock",
    inlines: inlines.map((inline) => ({ type: "TextRun", ...inline })),
  });
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          msteams: { width: "Full" },
          body: [
            line({ text: cut(title), weight: "Bolder", size: "Medium", color: CARD_COLOURS[severity] }),
            ...facts.map(([name, value]) => line({ text: `${name}: `, isSubtle: true }, { text: cut(value) })),
          ],
        },
      },
    ],
  };
}

function cut(text: string): string {
  const signs = [...text];
  return signs.length <= LONGEST ? text : `${signs.slice(0, LONGEST - 1).join("")}…`;
}
