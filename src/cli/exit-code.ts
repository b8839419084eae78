// How a command says how it went.

/** Sets the exit code of the program. A call, because commander's own promise carries no value. */
export type SetExitCode = (code: number) => void;
