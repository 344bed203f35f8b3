/**
 * A config key in full, `project:name`. Pulumi takes `name`, `project:name` and, from long ago, `project:config:name`.
 * Undefined for one that it refuses.
 *
 * @param project What comes before the `:` of a key that has none.
 */
export function fullKey(key: string, project: string): string | undefined {
  const parts = key.split(":");
  switch (parts.length) {
    case 1:
      return `${project}:${key}`;
    case 2:
      return key;
    case 3:
      return parts[1] === "config" ? `${parts[0]}:${parts[2]}` : undefined;
    default:
      return undefined;
  }
}
