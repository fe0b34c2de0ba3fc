import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import type { ButtonProps as AriaButtonProps } from 'react-aria-components';

type Look = 'default' | 'primary' | 'danger' | 'quiet';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children'> {
  look?: Look;
  small?: boolean;
  /** Only an icon is shown: `aria-label` names the button. */
  icon?: boolean;
  children: ReactNode;
}

export function Button({ look = 'default', small, icon, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={buttonClass(look, small, icon)}>
      {children}
    </AriaButton>
  );
}

/** Classes of a button, for links that look like one. */
export function buttonClass(look: Look = 'default', small = false, icon = false): string {
  return [
    'button',
    ...(look === 'default' ? [] : [`button-${look}`]),
    ...(small ? ['button-small'] : []),
    ...(icon ? ['button-icon'] : []),
  ].join(' ');
}
