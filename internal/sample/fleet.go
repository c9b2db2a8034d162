package sample

// TwoModels is a fleet of one and two, with defaults.
const TwoModels = `fleet: desk
defaults:
  locale: en-US
  taskQueue: west
  approval: {when: always, timeout: 1h}
  training:
    - {name: text, kind: Language, contentUrl: "https://example.org/text"}
models:
  - name: one
    approval: {timeout: 2h}
  - name: two
    schedule: {cron: "0 3 * * *", timeZone: Europe/Berlin, jitter: 1h}
    training:
      - {dataset: words}
`

// Heard is a notify that hears of expiries.
const Heard = `notify: [{urlFrom: {env: OPS_WEBHOOK}, on: [expiring]}]`
