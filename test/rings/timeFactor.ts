/** Environment variable: how many times longer than usual tests wait before they give up. */
export const timeFactorVariable = 'UFFD_TEST_TIME_FACTOR';

/** 1 on the real machine, more on an emulated one. */
export const timeFactor = Number(process.env[timeFactorVariable] ?? 1);
