import { type TargetFile as Target, TargetFile, Targets } from '@tufjs/models';

type Json = ReturnType<Targets['toJSON']>;

/** `Targets` in linear time: the library copies the whole list once for each target that it reads or writes. */
export class TargetList extends Targets {
  override toJSON(): Json {
    const { specVersion, version, expires, delegations, unrecognizedFields } = this;
    const rest = { specVersion, version, expires, unrecognizedFields, ...(delegations && { delegations }) };
    const targets = Object.values(this.targets).map((target): [string, Json] => [target.path, target.toJSON()]);
    return { ...new Targets(rest).toJSON(), targets: Object.fromEntries(targets) };
  }

  static override fromJSON({ targets, ...rest }: Json): TargetList {
    // The library judges everything but the targets themselves.
    const { specVersion, version, expires, delegations, unrecognizedFields } = Targets.fromJSON({
      ...rest,
      targets: {},
    });
    const list = Object.entries(tableOf(targets)).map(([path, value]) => TargetFile.fromJSON(path, tableOf(value)));
    return TargetList.of(list, {
      specVersion,
      version,
      expires,
      unrecognizedFields,
      ...(delegations && { delegations }),
    });
  }

  static of(
    targets: readonly Target[],
    options: Omit<ConstructorParameters<typeof Targets>[0], 'targets'>,
  ): TargetList {
    return new TargetList({ ...options, targets: Object.fromEntries(targets.map((target) => [target.path, target])) });
  }
}

function tableOf(value: Json[string] | undefined): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new TypeError('targets is malformed');
}
