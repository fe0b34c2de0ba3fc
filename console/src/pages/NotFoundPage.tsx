import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { buttonClass } from '../components/Button.tsx';
import { Page } from '../components/Page.tsx';
import { Empty } from '../components/States.tsx';

export function NotFoundPage() {
  return (
    <Page title="Page not found">
      <div className="card">
        <Empty icon={Compass} title="The console has no such page">
          <p>The address may be misspelled, or from a later version.</p>
          <Link to="/" className={buttonClass()}>
            To the pipelines
          </Link>
        </Empty>
      </div>
    </Page>
  );
}
