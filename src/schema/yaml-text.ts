// Plain values as YAML text: dumps of the model and the golden files of the dialects.
import { stringify } from 'yaml';

/** Block style, no folding, no aliases; absent members are left out. */
export function toYamlText(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, keepUndefined: false });
}
