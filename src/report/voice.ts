/** How reports write what depends on the configuration. */
export interface Voice {
  /** What is typed in place of `rollcall` in a command. */
  command: string;
  /** IANA name of the zone in which times are told. */
  timezone: string;
}
