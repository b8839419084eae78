// Settings with names, and which backends each applies to: those `apply_to` lists, the one of that name, those with a label of that
// value. One without a name is for every backend that has no other. For circuit breakers and connection pools.
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import type { Reading } from './reading.ts';

export const APPLY_TO = s.oneOrMany(
  s.union(
    [s.string('Name of a backend.'), s.record(s.scalarText('Value.'), 'Labels of a backend.')],
    'Which backends.',
  ),
  'Backends it applies to, by name or labels.',
);

export interface GroupSetting<T> {
  readonly name: string | undefined;
  readonly value: T;
  readonly applyTo: Infer<typeof APPLY_TO>;
  readonly reading: Reading;
  readonly path: Path;
}

/** Words for findings: `circuit breaker`, and the key of a backend that says the same. */
export interface GroupWords {
  readonly thing: string;
  readonly backendKey: string;
}

export interface GroupMember {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

function isNamedIn(applyTo: GroupSetting<unknown>['applyTo'], { name, labels = {} }: GroupMember): boolean {
  return applyTo.some((wanted) =>
    typeof wanted === 'string'
      ? wanted === name
      : Object.entries(wanted).every(([label, value]) => labels[label] === value),
  );
}

/** From the most to the least specific way to apply. */
const WAYS: readonly ((setting: GroupSetting<unknown>, backend: GroupMember) => boolean)[] = [
  ({ applyTo }, backend) => isNamedIn(applyTo, backend),
  ({ name }, backend) => name === backend.name,
  ({ name }, { labels = {} }) => name !== undefined && Object.values(labels).includes(name),
  ({ name }) => name === undefined,
];

export class BackendGroups<T> {
  readonly settings: readonly GroupSetting<T>[];
  private readonly words: GroupWords;
  private readonly used = new Set<GroupSetting<T>>();

  constructor(words: GroupWords, settings: readonly GroupSetting<T>[]) {
    this.words = words;
    this.settings = settings;
  }

  /** The one of that name, which then counts as used. */
  named(name: string): T | undefined {
    const found = this.settings.find((setting) => setting.name === name);
    if (found !== undefined) this.used.add(found);
    return found?.value;
  }

  /** What applies to the backend; two that apply in the same way are an error. */
  for(backend: GroupMember): T | undefined {
    for (const applies of WAYS) {
      const [first, second] = this.settings.filter((setting) => applies(setting, backend));
      if (first === undefined) continue;
      this.used.add(first);
      if (second !== undefined) this.refuseSecond(second, backend);
      return first.value;
    }
    return undefined;
  }

  private refuseSecond(second: GroupSetting<T>, backend: GroupMember): void {
    this.used.add(second);
    const message = `two ${this.words.thing}s apply to the backend "${backend.name}" in the same way`;
    const mend = `write "${this.words.backendKey}" at the backend, or "apply_to" at one of them`;
    second.reading.error(second.path, { code: 'config.conflict', message, mend });
  }

  /**
   * After every backend was asked for. Where no document defines a backend, names wait for documents that will, which is worth
   * a note; else a setting that acts nowhere is a mistake.
   */
  reportUnused(hasBackends: boolean): void {
    for (const setting of this.settings) {
      if (this.used.has(setting)) continue;
      const message = `this ${this.words.thing} applies to no backend`;
      const mend =
        setting.name === undefined
          ? 'define a backend'
          : 'give it the name of a backend, label a backend with its name, or write "apply_to"';
      const remark = { code: 'config.no-effect', message, mend };
      if (hasBackends) setting.reading.warning(setting.path, remark);
      else setting.reading.note(setting.path, remark);
    }
  }
}
