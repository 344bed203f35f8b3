/**
 * Values of a stack's config by their full key, e.g. `shop:weights`; null for a key that is not set, so that JSON can
 * tell it.
 */
export type ConfigValues = Readonly<Record<string, unknown>>;
