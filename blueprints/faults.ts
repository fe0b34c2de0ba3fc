/** One thing that is wrong with a request, named by where it is. */
export interface Fault {
  /** JSON pointer (RFC 6901) into the request body, such as `/inference_instance/dev`. */
  pointer: string;
  /** What is wrong and how to fix it, for people. */
  message: string;
  /** Short machine-readable rule: `required`, `unknown`, `type`, `allowed`, `pattern`, `range`, `conflict`, … */
  rule: string;
  /** The values that would have been taken, where they can be listed. */
  allowed?: readonly unknown[];
  /** What was sent, cut to a readable length; left out where nothing was. */
  value?: unknown;
}

/** A request that cannot be taken. Match on `code`: a durable engine hands errors on as plain objects. */
export class RequestInvalid extends Error {
  readonly code = 'REQUEST_INVALID';
  readonly faults: readonly Fault[];
  /** A valid body to start from. */
  readonly example?: Record<string, unknown>;

  /** @param message the original's own text for the first fault, which clients may compare with. */
  constructor(message: string, faults: readonly Fault[], example?: Record<string, unknown>) {
    super(message);
    this.name = 'RequestInvalid';
    this.faults = faults;
    this.example = example;
  }
}
