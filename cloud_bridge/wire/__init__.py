"""What a store and the cloud say to each other: topics, envelope, payloads.

Pure; imports nothing of ours. The prose is the contract (`docs/reference/contract.md`); this
package is its only definition in code.
"""
