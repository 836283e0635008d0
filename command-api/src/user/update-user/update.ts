import type { Rejection } from '@rollbook/shared/contracts/rejections';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { Caller } from '@rollbook/shared/person/authority';
import type { NameDigests } from '@rollbook/shared/person/name-digests';
import type { CheckPasswordPorts } from '../../password/check-current-password.ts';
import type { FinishErasurePorts } from '../erase-user/finish-erasure.handle.ts';
import type { WantedUser } from './update-user.decide.ts';

export interface UpdatePorts extends CheckPasswordPorts, FinishErasurePorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly digests: NameDigests;
  /** ms */
  readonly pendingTtl: number;
}

export interface Update {
  readonly userId: string;
  readonly wanted: WantedUser;
  /** Needed to change the own address. */
  readonly currentPassword: string | null;
  readonly portal: string | null;
}

/** Who asks, as the log knows them now; asked again in every round. */
export type Identify = () => Promise<Caller | Rejection>;
