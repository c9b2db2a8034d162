package main

const request = `name: support-calls
locale: en-US
training:
  - {name: support phrases, kind: Language, contentUrl: "https://example.com/phrases.txt"}
  - dataset: Calls of May
`
