import { describeACrowd } from '../../support/crowd-story.ts';

// With 10,000: test/faults/list-users-crowd.campaign.test.ts.
describeACrowd({ comeAndGo: 500, atATime: 5, stay: 200, move: 60, pageSize: 10 }, 300_000);
