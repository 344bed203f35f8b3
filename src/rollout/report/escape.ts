const HTML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** A text as content or as an attribute's value of HTML and SVG. What XML does not allow at all is left out. */
export function html(text: string): string {
  return text
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      "",
    )
    .replace(/[&<>"']/g, (sign) => HTML[sign]);
}

/**
 * A text on one line of Markdown, in which nothing is markup: fit for a cell of a table and for a heading, not for the
 * start of a line.
 */
export function markdown(text: string): string {
  return (
    text
      .replace(/\s+/g, " ")
      .trim()
      .replace(/[\\`*_[\]#|~$]/g, "\\$&")
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      // Neither a mention of a person nor a link is made of what a gate said.
      .replace(/@/g, "@\u200b")
      .replace(/:\/\//g, ":\u200b//")
  );
}
