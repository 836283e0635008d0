import { describeACrowd } from '../support/crowd-story.ts';

// As test/integration/query-api/list-users-crowd.test.ts, longer.
describeACrowd({ comeAndGo: 10_000, atATime: 20, stay: 1_000, move: 200, pageSize: 25 }, 1_200_000);
