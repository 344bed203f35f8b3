import ts from "typescript";
import { declarationsIn, declaredAs, defaultOf, fieldsOf, textOf } from "./docstrings";
import { type Argument, enumSection, link, objectSection, primitive } from "./sections";

/**
 * The reference of a rollout's settings, as Markdown. They are no component's arguments, so they are in no schema of
 * Pulumi's, which could not express their gates either: all is read from the sources.
 *
 * @throws Error for a type without a docstring, or one of a form that settings do not have
 */
export function rolloutSettings(): string {
  const introduction = [
    "# All settings of a rollout",
    "<!-- Made from the docstrings by `npm run docs`; do not edit. -->",
    "They stand in a stack's config under the key `rollout`. Flags of the `canary` command go over them, and code passes the same as " +
      "`settings`. How a run goes: [rollout.md](rollout.md).",
  ].join("\n\n");
  return `${[introduction, ...new SettingsReference().sections("RolloutSettings")].join("\n\n")}\n`;
}

/** The sections about an interface and all that it is made of. */
class SettingsReference {
  private readonly declared = declarationsIn(["src/rollout", "src/internal/http"]);
  private readonly objects = new Map<string, string>();
  private readonly enums = new Map<string, string>();

  sections(root: string): string[] {
    this.add(root);
    return [...this.objects.values(), ...this.enums.values()];
  }

  private add(name: string): void {
    const { interfaces, constants } = this.declared;
    const node = interfaces.get(name);
    if (this.objects.has(name) || this.enums.has(name)) {
      return;
    }
    if (node === undefined) {
      const constant = declaredAs(name, constants);
      this.enums.set(name, enumSection(name, textOf(constant, name), valuesOf(name, constant)));
      return;
    }
    const mentioned: string[] = [];
    const fields = fieldsOf(node, this.declared).map((field) => this.argument(name, field, mentioned));
    this.objects.set(name, objectSection(name, textOf(node, name), fields));
    mentioned.forEach((each) => this.add(each));
  }

  private argument(object: string, field: ts.PropertySignature, mentioned: string[]): Argument {
    const name = field.name.getText();
    const type = field.type as ts.TypeNode;
    return {
      name,
      type: this.typeText(type, mentioned),
      required: field.questionToken === undefined,
      default: defaultOf(field, this.declared),
      text: ts.isLiteralTypeNode(type) ? "Which kind it is." : textOf(field, `${object}.${name}`),
    };
  }

  /** In Markdown; types that need a section are added to those that are mentioned. */
  private typeText(node: ts.TypeNode, mentioned: string[]): string {
    const told = (each: ts.TypeNode) => this.typeText(each, mentioned);
    if (ts.isParenthesizedTypeNode(node) || ts.isTypeOperatorNode(node)) {
      return told(node.type); // `readonly` is the only operator
    }
    if (ts.isUnionTypeNode(node)) {
      return node.types.map(told).join(" or ");
    }
    if (ts.isArrayTypeNode(node)) {
      return `list of ${told(node.elementType)}`;
    }
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) {
      return `\`${node.literal.text}\``;
    }
    if (ts.isTypeReferenceNode(node)) {
      return this.referenceText(node, mentioned);
    }
    return primitive(node.getText());
  }

  private referenceText({ typeName, typeArguments }: ts.TypeReferenceNode, mentioned: string[]): string {
    const { interfaces, constants, aliases } = this.declared;
    const name = typeName.getText();
    if (typeArguments !== undefined) {
      return name === "Record"
        ? `${this.typeText(typeArguments[1], mentioned)} by name`
        : this.typeText(typeArguments[0], mentioned); // e.g. Plain or Exclude
    }
    const alias = aliases.get(name);
    if (alias !== undefined && !constants.has(name)) {
      return this.typeText(alias, mentioned);
    }
    if (!interfaces.has(name) && !constants.has(name)) {
      return link(name, "reference.md");
    }
    mentioned.push(name);
    return link(name);
  }
}

function valuesOf(name: string, statement: ts.VariableStatement): { value: string; text: string }[] {
  let { initializer } = statement.declarationList.declarations[0];
  while (initializer !== undefined && (ts.isAsExpression(initializer) || ts.isSatisfiesExpression(initializer))) {
    initializer = initializer.expression;
  }
  if (initializer === undefined || !ts.isObjectLiteralExpression(initializer)) {
    throw new Error(`${name} is no object of texts`);
  }
  return initializer.properties.filter(ts.isPropertyAssignment).map((property) => ({
    value: (property.initializer as ts.StringLiteral).text,
    text: textOf(property, `${name}.${property.name.getText()}`),
  }));
}
