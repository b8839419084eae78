// Key and options of an AI backend: what is written, and what the environment gives in its place.
import type { ProviderCatalogEntry } from '../../model/catalog.ts';
import type { NativeScope } from './scope.ts';

export interface WrittenCredential {
  readonly api_key?: string | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** Name of the first variable that is set and not empty. */
export function firstSetName(variables: readonly string[], scope: NativeScope): string | undefined {
  const { environment } = scope.options;
  return variables.find((name) => environment[name] !== undefined && environment[name] !== '');
}

export function firstSet(variables: readonly string[], scope: NativeScope): string | undefined {
  const name = firstSetName(variables, scope);
  return name === undefined ? undefined : scope.options.environment[name];
}

/** The variable the key is read from; undefined = the key is written, or there is none. */
function keyVariableOf(
  { api_key, options = {} }: WrittenCredential,
  entry: ProviderCatalogEntry,
  scope: NativeScope,
): string | undefined {
  if (api_key !== undefined) return undefined;
  // Half of a credential is written: only its other half goes with it.
  const partner = Object.entries(entry.optionVariables ?? {}).find(
    ([option, { besideKey }]) => besideKey !== undefined && options[option] !== undefined,
  )?.[1].besideKey;
  return firstSetName(partner === undefined ? entry.keyVariables : [partner], scope);
}

export interface ProviderSettings {
  readonly apiKey: string | undefined;
  /** Not parsed yet. */
  readonly options: Readonly<Record<string, unknown>>;
}

export function readSettings(
  written: WrittenCredential,
  entry: ProviderCatalogEntry,
  scope: NativeScope,
): ProviderSettings {
  const keyVariable = keyVariableOf(written, entry, scope);
  const { environment } = scope.options;
  const options: Record<string, unknown> = { ...written.options };
  for (const [option, { variables, besideKey }] of Object.entries(entry.optionVariables ?? {})) {
    if (options[option] !== undefined || (besideKey !== undefined && besideKey !== keyVariable)) continue;
    const value = firstSet(variables, scope);
    if (value !== undefined) options[option] = value;
  }
  if (keyVariable === undefined) return { apiKey: written.api_key, options };
  // Marked as the kind of secret that its variable is for.
  return { apiKey: `${entry.keyPrefixes?.[keyVariable] ?? ''}${environment[keyVariable]}`, options };
}
