import type { HealthCheckKind, ReleaseRowFragment, ReleaseSpecInput } from '../../generated/operations.ts';

/** A variable as it is typed. */
export interface VariableForm {
  readonly name: string;
  readonly isSecret: boolean;
  /** The value, or the name of the secret. */
  readonly text: string;
}

/** A port as it is typed. */
export interface PortForm {
  readonly name: string;
  readonly port: string;
  readonly scheme: string;
}

/** A spec as it is typed: texts, of which empty ones stand for the defaults. */
export interface SpecForm {
  readonly image: string;
  /** A word a line. */
  readonly command: string;
  readonly arguments: string;
  readonly environment: readonly VariableForm[];
  readonly ports: readonly PortForm[];
  readonly healthKind: HealthCheckKind | '';
  readonly healthPort: string;
  readonly healthPath: string;
  readonly healthService: string;
  readonly intervalSeconds: string;
  readonly memoryMib: string;
  readonly cpuMillis: string;
  readonly stopTimeoutSeconds: string;
}

export const schemes = ['grpc', 'grpcs', 'http', 'https', 'tcp'] as const;

export const emptyVariable: VariableForm = { name: '', isSecret: false, text: '' };
export const emptyPort: PortForm = { name: '', port: '', scheme: 'grpc' };

/** A form with nothing but the usual port. */
export const emptySpec: SpecForm = {
  image: '',
  command: '',
  arguments: '',
  environment: [],
  ports: [{ name: 'grpc', port: '50051', scheme: 'grpc' }],
  healthKind: '',
  healthPort: '',
  healthPath: '',
  healthService: '',
  intervalSeconds: '',
  memoryMib: '',
  cpuMillis: '',
  stopTimeoutSeconds: '',
};

/** The form of a spec that was published. */
export function formOf(spec: ReleaseRowFragment['spec']): SpecForm {
  const { health, resources } = spec;
  return {
    image: spec.image ?? '',
    command: (spec.command ?? []).join('\n'),
    arguments: spec.arguments.join('\n'),
    environment: spec.environment.map(({ name, value, secret }) => ({
      name,
      isSecret: secret !== null,
      text: secret ?? value ?? '',
    })),
    ports: spec.ports.map(({ name, port, scheme }) => ({ name, port: String(port), scheme })),
    healthKind: health.kind,
    healthPort: health.port ?? '',
    healthPath: health.path ?? '',
    healthService: health.service ?? '',
    intervalSeconds: String(health.intervalSeconds),
    memoryMib: textOf(resources.memoryMib),
    cpuMillis: textOf(resources.cpuMillis),
    stopTimeoutSeconds: String(spec.stopTimeoutSeconds),
  };
}

/** The spec that a form stands for. Empty fields are left out, so that the server's defaults hold. */
export function specOf(form: SpecForm): ReleaseSpecInput {
  const [command, words] = [linesOf(form.command), linesOf(form.arguments)];
  const health = healthOf(form);
  const resources = { ...numberOf('memoryMib', form.memoryMib), ...numberOf('cpuMillis', form.cpuMillis) };
  return {
    ...textPart('image', form.image),
    ...(command.length > 0 && { command }),
    ...(words.length > 0 && { arguments: words }),
    ...(form.environment.length > 0 && {
      environment: form.environment.map(({ name, isSecret, text }) => ({
        name: name.trim(),
        ...(isSecret ? { secret: text.trim() } : { value: text }),
      })),
    }),
    ...(form.ports.length > 0 && {
      ports: form.ports.map(({ name, port, scheme }) => ({ name: name.trim(), port: Number(port), scheme })),
    }),
    ...(Object.keys(health).length > 0 && { health }),
    ...(Object.keys(resources).length > 0 && { resources }),
    ...numberOf('stopTimeoutSeconds', form.stopTimeoutSeconds),
  };
}

/** The health check that a form stands for, with what its kind takes. */
function healthOf({ healthKind: kind, healthPort, healthPath, healthService, intervalSeconds }: SpecForm) {
  return {
    ...(kind !== '' && { kind }),
    ...(kind !== 'NONE' && textPart('port', healthPort)),
    ...(kind === 'HTTP' && textPart('path', healthPath)),
    ...(kind === 'GRPC' && textPart('service', healthService)),
    ...numberOf('intervalSeconds', intervalSeconds),
  };
}

/** Why a form can't be sent; null where only the server may find something. */
export function specProblem({ environment, ports }: SpecForm): string | null {
  if (environment.some(({ name }) => name.trim() === '')) return 'expected a name of each variable';
  if (environment.some(({ isSecret, text }) => isSecret && text.trim() === '')) return 'expected a name of each secret';
  if (ports.some(({ name, port }) => name.trim() === '' || port === ''))
    return 'expected a name and a number of each port';
  return null;
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');
const textOf = (value: number | null) => (value === null ? '' : String(value));

function textPart<Name extends string>(name: Name, text: string): { readonly [_ in Name]?: string } {
  return text.trim() === '' ? {} : ({ [name]: text.trim() } as { readonly [_ in Name]?: string });
}

function numberOf<Name extends string>(name: Name, text: string): { readonly [_ in Name]?: number } {
  return text === '' ? {} : ({ [name]: Number(text) } as { readonly [_ in Name]?: number });
}
