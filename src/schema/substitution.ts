// `${NAME}`, `${NAME:-default}` and `@file path` inside the text values of a configuration. Values never appear in a problem.

export interface Substitution {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Contents of a file named in the configuration, or undefined when it cannot be read. */
  readonly readFile: (path: string) => string | undefined;
}

export interface Substituted {
  readonly text: string;
  readonly problems: readonly { readonly code: string; readonly message: string; readonly mend?: string }[];
}

const REFERENCE = /\$(\$?)\{([^}]*)\}/g;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

function readReference(text: string, readFile: Substitution['readFile']): Substituted {
  const path = text.slice('@file '.length).trim();
  const content = readFile(path);
  if (content !== undefined) return { text: content.replace(/\r?\n$/, ''), problems: [] };
  return {
    text: '',
    problems: [{ code: 'config.missing-file', message: `the file "${path}" cannot be read`, mend: 'check the path' }],
  };
}

/**
 * `$${` stands for a literal `${`. As in a shell, `:-` gives the default for an unset or empty variable.
 * A default cannot hold `}`. The content of a file is taken as it is, without its last line break.
 */
export function substitute(text: string, { environment, readFile }: Substitution): Substituted {
  if (!text.includes('${')) return text.startsWith('@file ') ? readReference(text, readFile) : { text, problems: [] };
  const problems: Substituted['problems'][number][] = [];
  const replaced = text.replace(REFERENCE, (whole: string, dollar: string, inner: string) => {
    if (dollar !== '') return whole.slice(1);
    const [, name, fallback] = VARIABLE.exec(inner) ?? [];
    if (name === undefined) {
      const message = 'not a reference to an environment variable';
      problems.push({ code: 'config.wrong-value', message, mend: 'write "$${" for a literal "${"' });
      return '';
    }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value !== undefined && (value !== '' || fallback === undefined)) return value;
    if (fallback !== undefined) return fallback;
    const message = `the environment variable ${name} is not set`;
    problems.push({ code: 'config.unset-variable', message, mend: `set it, or write "\${${name}:-default}"` });
    return '';
  });
  // A file may be named by a variable; what a variable holds is otherwise never read again as a reference.
  if (problems.length === 0 && text.startsWith('@file ')) return readReference(replaced, readFile);
  return { text: replaced, problems };
}
