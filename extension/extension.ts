import { rowBytes } from '../native-helper/log/eventRows.ts';
import { OpenFaults } from '../native-helper/log/openFaults.ts';
console.log(rowBytes, OpenFaults);
