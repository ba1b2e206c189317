//! Rules about messages: who may send to whom, header fields, bodies and routes. Tables under `tests/rules` say what they do
//! with single messages; the running gateway is between an SMTP client and the lab peer, and tshark reads what it sends.

mod gateway;
mod tables;
