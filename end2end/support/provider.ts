// An OpenID Connect provider: `oidc-provider` with its pages for development, over people that a journey names.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

export const CLIENT = 'tessera';
export const SECRET = 'a secret of the journeys';

export interface Person {
  groups: string[];
  email: string;
  verified: boolean;
}

/** Starts a provider that sends people back to `redirect`; answers how to stop it. */
export async function startProvider(port: number, redirect: string, people: Map<string, Person>): Promise<() => Promise<void>> {
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [{ client_id: CLIENT, client_secret: SECRET, redirect_uris: [redirect] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    pkce: { required: () => true },
    cookies: { keys: ['of the journeys'] },
    // Who types a name at its page is that person.
    findAccount: (_: unknown, id: string) => {
      const person = people.get(id);
      if (!person) return undefined;
      const { groups, email, verified } = person;
      return { accountId: id, claims: () => ({ sub: id, name: `${id} at the provider`, email, email_verified: verified, groups }) };
    },
  });
  const server = createServer(provider.callback());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}
