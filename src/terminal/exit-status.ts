/** 0: all went well. 1: something failed, and standard error says what. 2: wrong usage or configuration; nothing was done. */
export type ExitStatus = 0 | 1 | 2;

/** What a command says of how it went; it throws for what ended it. */
export type SetStatus = (status: ExitStatus) => void;
