/** A button that asks for the format of an export. */
import { ChevronDown, FileDown } from 'lucide-react';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { Button } from './Button.tsx';

export type ExportFormat = 'pdf' | 'json';

export function ExportMenu({
  label,
  formats,
  isPending,
  small = false,
  onExport,
}: {
  label: string;
  /** What becomes of each format, such as "PDF, in the assets bucket". */
  formats: Readonly<Record<ExportFormat, string>>;
  isPending: boolean;
  small?: boolean;
  onExport: (format: ExportFormat) => void;
}) {
  return (
    <MenuTrigger>
      <Button small={small} isDisabled={isPending}>
        <FileDown aria-hidden /> {isPending ? 'Exporting …' : label} <ChevronDown aria-hidden />
      </Button>
      <Popover className="popover" placement="bottom end" offset={4}>
        <Menu className="options">
          {(['pdf', 'json'] as const).map((format) => (
            <MenuItem key={format} className="option" onAction={() => onExport(format)}>
              {formats[format]}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
