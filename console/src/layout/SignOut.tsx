/** Only for people who have signed in at the load balancer: the API marks their pages. */
import { useMutation } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { answerOf, api } from '../api/client.ts';
import { Button } from '../components/Button.tsx';
import { useNotices } from './notices.tsx';

const isSignedIn = document.querySelector<HTMLMetaElement>('meta[name="sign-out"]')?.content === 'yes';

export function SignOut() {
  const notices = useNotices();
  const signOut = useMutation({
    mutationFn: () => answerOf(api.POST('/sign-out')),
    // The identity provider has a session of its own, and ends it there.
    onSuccess: ({ location }) => window.location.assign(location),
    onError: notices.failed,
  });
  if (!isSignedIn) return null;
  return (
    <Button look="quiet" small isDisabled={signOut.isPending} onPress={() => signOut.mutate()}>
      <LogOut aria-hidden /> Sign out
    </Button>
  );
}
