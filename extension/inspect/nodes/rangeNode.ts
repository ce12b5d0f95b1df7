/** The row of a registered range. */
import type { RangeDto } from '../../../native-helper/protocol/ranges.ts';
import { sizeWords } from '../quantityWords.ts';
import type { Words } from '../words.ts';
import { leaf, paragraph, type InspectNode } from './inspectNode.ts';

export function rangeNode(
  id: string,
  { start, lengthBytes, modes, memory, isShared, pageBytes, backing }: RangeDto,
  t: Words,
): InspectNode {
  return {
    ...leaf,
    id: `${id} range ${start}`,
    label: start,
    description: `${sizeWords(lengthBytes)}, ${modes.join(' ')}, ${memory}`,
    tooltip: [
      paragraph(
        isShared
          ? t('Shared, in pages of {0}.', sizeWords(pageBytes))
          : t('Private, in pages of {0}.', sizeWords(pageBytes)),
      ),
      ...(backing === '' ? [] : [{ as: 'code', text: backing } as const]),
    ],
    icon: 'symbol-array',
  };
}
