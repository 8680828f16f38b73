import {
  AnswerTooLargeError,
  type Core,
  DomainError,
  type ErrorCode,
  NotCoveredError,
  type Viewer,
} from '@muster/core';
import { createContext, type SchemaContext, type ServerFacts } from '@muster/schema';
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
} from 'graphql';
import { ConfigError } from '../config/configError.ts';
import { httpStatus } from '../errors/httpStatus.ts';
import { refusalHeaders } from '../errors/refusalHeaders.ts';
import { mutationByGet, operationNotFound } from '../errors/refusals.ts';
import type { Admission, OperationLane } from '../limits/admission.ts';
import { boundAnswer } from '../limits/answerBound.ts';
import type { Caller } from '../limits/caller.ts';
import { type Guard, guardsAt } from '../limits/guard.ts';
import { asksForCost, withCost } from '../limits/operationCost.ts';
import { CachedDocument, type CachedOperation } from './documentCache.ts';
import { createDocumentSource } from './documentSource.ts';
import type { Variables } from './inputCoercion.ts';
import { locateVariables } from './inputErrorPaths.ts';
import { requireJsonVariables } from './jsonVariables.ts';
import type { AdmittedOperation, Answer, Carrier, OperationRequest, Pipeline, Refusal } from './operation.ts';
import { laneFor } from './operationLane.ts';
import { noPersistedOperations, type PersistedOperations } from './persistedOperations.ts';
import { createOperationPreparer, type PreparedOperation } from './preparedOperations.ts';
import { asInvalidDocument, createValidation } from './validation.ts';

/** The parameters of a pipeline. */
export interface PipelineOptions {
  schema: GraphQLSchema;
  core: Core;
  /** The server that answers. Default: none. */
  server?: ServerFacts | null;
  /** Every limit of an operation (limits/guards.ts). */
  guards: readonly Guard[];
  /** Whether clients may ask for the schema; if not, no message suggests a name of it either. */
  introspection: boolean;
  /** The most rows of a page. */
  maxPageSize: number;
  /** After this number of mistakes in a document, or in its variables, no further ones are looked for. */
  maxErrors: number;
  /** Turns any error into one that a client may read. */
  mask(error: unknown): GraphQLError;
  admission: Admission;
  /** Whether queries are answered by statements made for them, as far as they can be. Default true; the answers are the same. */
  compiledReads?: boolean;
  /** The documents that an operator has listed. Default: none. */
  persisted?: PersistedOperations;
}

/**
 * Makes the pipeline that owns the order of an operation's steps, whichever front it came by: find or parse, validate,
 * bound, coerce, cost, budget, execute or subscribe, mask. A new limit is a guard, at the stage that fits it.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  return new OperationPipeline(options);
}

/** Who asks for which operation. */
interface Asked {
  readonly viewer: Viewer;
  readonly request: OperationRequest & { readonly query: string };
  readonly carrier: Carrier;
}

/** The parts of a pipeline that execution needs. */
interface Execution {
  readonly core: Core;
  readonly server: ServerFacts | null;
  readonly schema: GraphQLSchema;
  /** The schema of prepared documents. */
  readonly preparedSchema: GraphQLSchema;
  /** The most mistakes in variables that are looked for. */
  readonly maxErrors: number;
  /** Whether messages about variables suggest no names. */
  readonly hideSuggestions: boolean;
  readonly admission: Admission;
  mask(error: unknown): GraphQLError;
}

class OperationPipeline implements Pipeline {
  readonly #textGuards;
  readonly #documentGuards;
  readonly #variableGuards;
  readonly #executionGuards;
  readonly #documents;
  readonly #validate;
  readonly #preparer;
  readonly #execution: Execution;

  constructor(options: PipelineOptions) {
    const {
      schema,
      core,
      guards,
      mask,
      introspection,
      maxPageSize,
      maxErrors,
      admission,
      server = null,
      compiledReads = true,
    } = options;
    this.#textGuards = guardsAt('text', guards);
    this.#documentGuards = guardsAt('document', guards);
    this.#variableGuards = guardsAt('variables', guards);
    this.#executionGuards = guardsAt('execution', guards);
    this.#validate = createValidation({ schema, introspection, maxErrors });
    this.#preparer = createOperationPreparer({ schema, maxPageSize, compiledReads });
    this.#documents = createDocumentSource({
      persisted: options.persisted ?? noPersistedOperations,
      parseListed: (id, text) => this.#parseListed(id, text),
      parse: (text, viewer) => this.#parse(text, viewer),
    });
    this.#execution = {
      core,
      server,
      schema,
      preparedSchema: this.#preparer.schema,
      maxErrors,
      hideSuggestions: !introspection,
      admission,
      mask,
    };
  }

  admit(viewer: Viewer, request: OperationRequest, carrier: Carrier): AdmittedOperation | Refusal {
    try {
      const { text, document } = this.#documents.find(viewer, request);
      // An empty name is none: clients send it for a document without one.
      const operationName = request.operationName || null;
      const operation = document.operation(operationName);
      requireMethod(operation, carrier.method);
      const errors = this.#errorsOf(document);
      if (errors.length > 0) return this.#refusal(errors);
      if (operation === null) throw new GraphQLError('Unable to identify operation');
      operation.prepared ??= this.#preparer.prepare(document.node, operation.node);
      const asked = { viewer, request: { ...request, query: text, operationName }, carrier };
      return this.#admitPrepared(asked, document.node, operation.prepared);
    } catch (error) {
      return this.#refusal([error]);
    }
  }

  #parse(text: string, viewer: Viewer): CachedDocument {
    for (const guard of this.#textGuards) guard.check(text, viewer);
    return this.#parseWithin(text);
  }

  /** A document that is too large to be validated is not cached: some of them take much memory, and none is answered. */
  #parseWithin(text: string): CachedDocument {
    const document = parseText(text);
    for (const guard of this.#documentGuards) guard.check(document);
    return new CachedDocument(document);
  }

  /** Parses a document that an operator has listed. @throws ConfigError where it is invalid, or larger than is taken */
  #parseListed(id: string, text: string): CachedDocument {
    try {
      const document = this.#parseWithin(text);
      for (const error of this.#errorsOf(document)) throw error;
      return document;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new ConfigError(
        `MUSTER_PERSISTED_OPERATIONS: expected a valid document under ${JSON.stringify(id)}; ${problem}`,
      );
    }
  }

  /** Why a document is invalid: found out once, and cached with the document. */
  #errorsOf(document: CachedDocument): readonly unknown[] {
    const errors = document.errors ?? this.#findErrors(document.node).map(withoutStack);
    document.errors = errors;
    return errors;
  }

  #findErrors(document: DocumentNode): readonly unknown[] {
    try {
      return this.#validate(document);
    } catch (error) {
      return [error];
    }
  }

  #refusal(errors: readonly unknown[]): Refusal {
    return { errors: errors.map(this.#execution.mask), document: null, kind: null };
  }

  /** Holds an operation of a valid document against all that depends on its request. */
  #admitPrepared(asked: Asked, document: DocumentNode, prepared: PreparedOperation): AdmittedOperation | Refusal {
    try {
      const given = asked.request.variables ?? {};
      for (const guard of this.#variableGuards) guard.check(given, asked.viewer);
      const variables = prepared.coerce(given);
      if (variables) requireJsonVariables(prepared.jsonVariables, variables);
      const operation = new Operation(this.#execution, asked, document, prepared, variables);
      for (const guard of this.#executionGuards) guard.check(operation);
      return operation;
    } catch (error) {
      return { errors: [this.#execution.mask(error)], document, kind: prepared.kind };
    }
  }
}

function parseText(text: string): DocumentNode {
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof GraphQLError ? asInvalidDocument(error) : error;
  }
}

/** A client's error without the stack, which would keep in memory all that its functions held. */
function withoutStack(error: unknown): unknown {
  if (error instanceof GraphQLError || error instanceof DomainError) error.stack = error.message;
  return error;
}

/** Over HTTP the operation must be there before its document is validated, and a GET changes nothing. */
function requireMethod(operation: CachedOperation | null, method: string | undefined): void {
  if (method === undefined) return;
  if (operation === null) throw operationNotFound();
  if (method === 'GET' && operation.node.operation === 'mutation') throw mutationByGet();
}

/** The codes of an operation that has no answer as a whole, though nothing is wrong with any of its fields. */
const ofWhole: ReadonlySet<ErrorCode> = new Set(['TIMED_OUT', 'UNAVAILABLE', 'RATE_LIMITED', 'TOO_COMPLEX']);

class Operation implements AdmittedOperation {
  readonly viewer: Viewer;
  readonly request: AdmittedOperation['request'];
  readonly document: DocumentNode;
  readonly cost: number;
  readonly reportedCost: number | null;
  readonly #prepared: PreparedOperation;
  /** Null where a type refuses a value: graphql-js, which is asked to execute them as they came, says what is wrong. */
  readonly #variables: Variables | null;
  readonly #execution: Execution;
  /** A GET changes nothing (L1). */
  readonly #isReadOnly: boolean;

  constructor(
    execution: Execution,
    { viewer, request, carrier }: Asked,
    document: DocumentNode,
    prepared: PreparedOperation,
    variables: Variables | null,
  ) {
    this.viewer = viewer;
    this.request = request;
    this.document = document;
    this.cost = typeof prepared.cost === 'number' ? prepared.cost : prepared.cost(request.variables ?? {});
    this.reportedCost = asksForCost(request, carrier) ? this.cost : null;
    this.#prepared = prepared;
    this.#variables = variables;
    this.#execution = execution;
    this.#isReadOnly = carrier.method === 'GET';
  }

  get kind(): PreparedOperation['kind'] {
    return this.#prepared.kind;
  }

  get lane(): OperationLane {
    return laneFor(this.#prepared.lane, this.viewer);
  }

  answer(caller: Caller): Answer | Promise<Answer> {
    try {
      const answer = this.#execution.admission.run(this, caller, () => this.#answer());
      return answer instanceof Promise ? answer.catch((error: unknown) => this.#failure(error)) : answer;
    } catch (error) {
      return this.#failure(error);
    }
  }

  #answer(): Answer | Promise<Answer> {
    const { core, server } = this.#execution;
    const context = createContext(core, this.viewer, { isReadOnly: this.#isReadOnly, server });
    const text = this.#variables && this.#prepared.read?.answer(this.#variables, context);
    if (typeof text === 'string') return { dataText: text, cost: this.reportedCost };
    return this.#answerLater(context, text ?? null);
  }

  async #answerLater(context: SchemaContext, text: Promise<string> | null): Promise<Answer> {
    try {
      if (text) return { dataText: await text, cost: this.reportedCost };
    } catch (error) {
      // Resolvers would give no smaller answer.
      if (error instanceof AnswerTooLargeError) throw error;
      if (!(error instanceof DomainError || error instanceof NotCoveredError))
        return this.#answerFailed(context, error);
      // Resolvers find again what is wrong with an input, and say where.
    }
    const result = this.#finish(await execute(this.#argsIn(context)));
    // An agent is never without its own list: it would start nothing, and not know what to stop.
    if (this.lane === 'reports' && this.kind === 'query') return result;
    return boundAnswer(this.#execution.core, this, result);
  }

  /** Says where a statement failed. Resolvers say it, without statements: what failed is not tried by another path (W1). */
  async #answerFailed(context: SchemaContext, cause: unknown): Promise<ExecutionResult> {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const executing = this.#execution.admission.runFailed(this, error, () => execute(this.#argsIn(context)));
    return this.#finish(await executing);
  }

  async openSource(context: SchemaContext): Promise<AsyncIterable<unknown> | ExecutionResult> {
    const source = await createSourceEventStream(this.#argsIn(context));
    return Symbol.asyncIterator in source ? source : this.#masked(source);
  }

  async executeItem(context: SchemaContext, item: unknown): Promise<ExecutionResult> {
    return this.#finish(await execute({ ...this.#argsIn(context), rootValue: item }));
  }

  #argsIn(contextValue: SchemaContext): ExecutionArgs {
    const { schema, preparedSchema, hideSuggestions, maxErrors: maxCoercionErrors } = this.#execution;
    const variableValues = this.#variables;
    if (variableValues)
      return { schema: preparedSchema, document: this.#prepared.document, variableValues, contextValue };
    const { operationName, variables } = this.request;
    const options = { maxCoercionErrors };
    return {
      schema,
      document: this.document,
      operationName,
      variableValues: variables,
      contextValue,
      hideSuggestions,
      options,
    };
  }

  #finish(result: ExecutionResult): ExecutionResult {
    const masked = this.#masked(result);
    return this.reportedCost === null ? masked : withCost(masked, this.reportedCost);
  }

  #masked(result: ExecutionResult): ExecutionResult {
    if (!result.errors) return result;
    const errors = result.data || this.#variables ? result.errors : this.#locatedVariables(result.errors);
    return { ...result, errors: errors.map(this.#execution.mask) };
  }

  /** GraphQL's errors about variables, with paths, and the HTTP status that fits them. */
  #locatedVariables(errors: readonly GraphQLError[]): readonly GraphQLError[] {
    const located = locateVariables(errors, this.#execution.schema, this);
    for (const { path, extensions } of located) if (!path) extensions.http = { status: 400 };
    return located;
  }

  /** The result of a failure that GraphQL has no field for: of the operation itself. */
  #failure(error: unknown): ExecutionResult {
    const masked = this.#execution.mask(error);
    const code = masked.extensions.code as ErrorCode;
    if (ofWhole.has(code)) {
      masked.extensions.http ??= { status: httpStatus[code], headers: refusalHeaders(masked.extensions) };
    }
    return { errors: [masked] };
  }

  resultOfBreak(error: unknown): ExecutionResult {
    const nodes = getOperationAST(this.document, this.request.operationName) ?? null;
    const originalError = error instanceof Error ? error : new Error(String(error));
    return this.#failure(new GraphQLError(originalError.message, { nodes, originalError }));
  }
}
