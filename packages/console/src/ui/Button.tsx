import type { IconNode } from 'lucide';
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { Icon } from './Icon.tsx';

interface ButtonProps extends Omit<ButtonHTMLAttributes, 'icon' | 'type'> {
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly type?: 'button' | 'submit';
  readonly icon?: IconNode;
  readonly children?: ComponentChildren;
}

/** A button. One that shows an icon alone needs an `aria-label`. */
export function Button({ kind = 'plain', type = 'button', icon, children, class: more, ...rest }: ButtonProps) {
  const names = `button ${kind}${children ? '' : ' square'}${typeof more === 'string' ? ` ${more}` : ''}`;
  return (
    <button type={type} class={names} {...(children ? {} : { title: rest['aria-label'] })} {...rest}>
      {icon && <Icon of={icon} />}
      {children}
    </button>
  );
}
