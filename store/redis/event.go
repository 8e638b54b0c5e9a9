package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/specpay/specpay/pay"
)

// The value of an event's key is "claim " and the owner, or "done". Each step is one
// script, which the server runs atomically. A script that go-redis sends again after
// a lost response finds its own owner and changes nothing.
var (
	claimScript = goredis.NewScript(`
local holder = redis.call('GET', KEYS[1])
if holder == 'done' then return 'done' end
if holder and holder ~= ARGV[1] then return 'busy' end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'granted'`)

	commitScript = goredis.NewScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= 'done' and holder ~= ARGV[1] then return 'busy' end
redis.call('SET', KEYS[1], 'done', 'PX', ARGV[2])
return 'done'`)

	releaseScript = goredis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 'free'`)
)

// Claim implements pay.EventStore. If it returns an error, the event may be claimed
// until ttl is over, because the response of the server may have been lost.
func (s *Store) Claim(ctx context.Context, key, owner string, ttl time.Duration) (pay.Claim, error) {
	ms, err := milliseconds(ttl)
	if err != nil {
		return pay.ClaimBusy, err
	}
	response, err := s.run(ctx, "claim an event", claimScript, s.eventKey(key), "claim "+owner, ms)
	switch {
	case err != nil:
		return pay.ClaimBusy, err
	case response == "granted":
		return pay.ClaimGranted, nil
	case response == "done":
		return pay.ClaimDone, nil
	case response == "busy":
		return pay.ClaimBusy, nil
	}
	return pay.ClaimBusy, fmt.Errorf("redis store: claim an event: the server responded with %.20q; want granted, done or busy", response)
}

// Commit implements pay.EventStore.
func (s *Store) Commit(ctx context.Context, key, owner string, ttl time.Duration) error {
	ms, err := milliseconds(ttl)
	if err != nil {
		return err
	}
	response, err := s.run(ctx, "commit an event", commitScript, s.eventKey(key), "claim "+owner, ms)
	if err == nil && response != "done" {
		err = errors.New("redis store: commit an event: the claim has expired and another owner has a claim; the event is not recorded as handled")
	}
	return err
}

// Release implements pay.EventStore.
func (s *Store) Release(ctx context.Context, key, owner string) error {
	_, err := s.run(ctx, "release an event", releaseScript, s.eventKey(key), "claim "+owner)
	return err
}

func (s *Store) eventKey(key string) string { return s.prefix + "event:" + key }

// run runs a script on one key and returns the response.
func (s *Store) run(ctx context.Context, what string, script *goredis.Script, key string, args ...any) (string, error) {
	return within(ctx, s, what, func(ctx context.Context) (string, error) {
		return script.Run(ctx, s.client, []string{key}, args...).Text()
	})
}
