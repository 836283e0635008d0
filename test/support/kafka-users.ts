import { join } from 'node:path';
import type { Certificate } from './certificate.ts';
import type { MoreListeners } from './kafka-by-maven.ts';

const LOGIN = 'org.apache.kafka.common.security';

/** One listener for users by SCRAM-SHA-512, SCRAM-SHA-256 and PLAIN, and the same with TLS. */
export const usersAndTls = (certificate: Certificate, users: Readonly<Record<string, string>>): MoreListeners => {
  const everybody = Object.entries(users);
  const plain = everybody.map(([name, password]) => ` user_${name}="${password}"`).join('');
  const mechanisms = [256, 512].flatMap((bits) =>
    everybody.map(([name, password]) => `SCRAM-SHA-${String(bits)}=[name=${name},password=${password}]`),
  );
  return {
    protocols: { USERS: 'SASL_PLAINTEXT', TLS: 'SASL_SSL' },
    files: { 'broker.pem': certificate.key + certificate.certificate },
    format: mechanisms.flatMap((one) => ['--add-scram', one]),
    settings: (folder) =>
      [
        'sasl.enabled.mechanisms=SCRAM-SHA-512,SCRAM-SHA-256,PLAIN',
        'ssl.keystore.type=PEM',
        `ssl.keystore.location=${join(folder, 'broker.pem')}`,
        ...['users', 'tls'].flatMap((listener) => [
          `listener.name.${listener}.scram-sha-512.sasl.jaas.config=${LOGIN}.scram.ScramLoginModule required;`,
          `listener.name.${listener}.scram-sha-256.sasl.jaas.config=${LOGIN}.scram.ScramLoginModule required;`,
          `listener.name.${listener}.plain.sasl.jaas.config=${LOGIN}.plain.PlainLoginModule required${plain};`,
        ]),
        '',
      ].join('\n'),
  };
};
