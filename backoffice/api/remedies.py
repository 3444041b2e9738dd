"""Why each refusal happens and what to do about it: shown on the documentation's page of errors."""

from typing import NamedTuple


class Remedy(NamedTuple):
    """One code explained; both texts may hold `code`."""

    cause: str
    remedy: str


R = Remedy
AGAIN = "Send the same request again later, with the same `Idempotency-Key`; if it stays, tell us the `request_id`."
FIELD = "`errors` names the place by JSON pointer. Correct it there and send the request again."
FILE = "Ask the applicant for a new file; `errors` says which one, as `/files/0`, `/files/1` and so on."

REMEDIES: dict[str, Remedy] = {
    "bad_request": R("The request is not one that HTTP knows.", "Look at what your HTTP client really sends."),
    "malformed_multipart": R(
        "The body is not whole, or its parts are not divided by the boundary that the header names.",
        "Let your HTTP library write the body and the `Content-Type` header; do not set the header yourself.",
    ),
    "invalid_idempotency_key": R(
        "The header was sent twice, is empty, longer than 255 letters, or holds spaces or letters beyond ASCII.",
        "Use a UUID for each new request, and the same one when you repeat it.",
    ),
    "missing_api_key": R(
        "The request has no `Authorization` header, or it does not begin with `Bearer`.",
        "Send `Authorization: Bearer kyc_…`.",
    ),
    "invalid_api_key": R(
        "We do not know this key, or it was not copied whole: keys carry a check sum.",
        "Copy it again from where you keep it; if it is lost, create a new one under API keys.",
    ),
    "api_key_expired": R(
        "The key had an end, and it has come.", "Create or rotate the key, and change it on your server."
    ),
    "api_key_revoked": R("Somebody on your side revoked this key.", "Use another key; the audit says who revoked it."),
    "api_key_replaced": R(
        "The key was rotated, and the old secret's time is over.",
        "Use the new secret on every server; `secrets` of the key says when the old one was used last.",
    ),
    "test_only": R("This works for test keys and test data.", "Use a key that begins with `kyc_test_`."),
    "wider_key": R(
        "A key makes keys of its own mode only, with scopes that it has itself.",
        "Ask for fewer scopes, or make the key in the workspace.",
    ),
    "own_key": R("A key neither widens nor revokes itself.", "Use another key, or do it in the workspace."),
    "attribute_denied": R(
        "The key's `denied_attributes` name what was asked for.",
        "Use another key, or leave that attribute out.",
    ),
    "insufficient_scope": R(
        "The key is fine, but it may not do this; `detail` names the scope.",
        "Create a key with that scope. The scopes of a key never change.",
    ),
    "ip_not_allowed": R(
        "The key works from certain addresses only, and this is none of them.",
        "Call from your server, or add its address to the key.",
    ),
    "partner_suspended": R(
        "Your company's access is suspended.", "Write to us: no request will work until that is settled."
    ),
    "not_found": R(
        "Nothing with this id belongs to you in this mode. Test keys do not see live data, nor live keys test data.",
        "Check the id and that the key has the right mode.",
    ),
    "erased": R("It was there, and was erased on request or when its time was over.", "Nothing: an erasure is final."),
    "link_expired": R("Links to files live for a few minutes.", "Ask for a new link and open it at once."),
    "method_not_allowed": R(
        "The address exists, the method does not.", "Use one of the methods in the `Allow` header."
    ),
    "request_timeout": R("The body stopped arriving.", "Check the connection and send the request again."),
    "illegal_move": R(
        "The object is in a state that does not allow this, for example withdrawing what is decided already.",
        "Read the object and look at its `status` first.",
    ),
    "not_reopenable": R(
        "Only an approved or rejected document can be looked at again.", "Read the document and look at its `status`."
    ),
    "not_appealable": R(
        "It was not rejected, its time for appeals is over, or it was appealed for before.",
        "Read `decision`; send a new document instead where that helps.",
    ),
    "question_closed": R(
        "The question was answered, or the review went on without an answer.", "Nothing: the reviewer decides."
    ),
    "not_replaceable": R(
        "`replaces` names a document that nobody asked you to send again.",
        "Replace documents whose `status` is `resubmission_requested`; send others without `replaces`.",
    ),
    "too_many_endpoints": R("You have as many endpoints as you can have.", "Delete one that you no longer need."),
    "endpoint_disabled": R(
        "The endpoint is switched off, by you or after days of failures.",
        'Switch it on with `{"status": "enabled"}`, then try again.',
    ),
    "not_awaiting_upload": R(
        "Its files are complete already, or it was withdrawn or expired.",
        "Read the document; to send other files, announce a new one.",
    ),
    "upload_missing": R(
        "Not every announced file has arrived.",
        "Send each file to its address first; `GET …/uploads` gives fresh ones.",
    ),
    "upload_changed": R(
        "A file came to its address while the document was being submitted.",
        "Submit the document again; the file that came last counts.",
    ),
    "stale_version": R(
        "Somebody changed it between your reading and your writing.",
        "Read it again, decide again, and repeat the request.",
    ),
    "api_key_ended": R("The key is revoked or has expired, for good.", "Create a new key."),
    "precondition_failed": R(
        "`If-Match` names another version than the one that is there now.",
        "Read it again and send its `ETag`; without `If-Match` the last one who writes wins.",
    ),
    "verification_closed": R(
        "The verification is decided, expired or withdrawn.",
        "Leave `verification_id` out, and a new verification is made.",
    ),
    "applicant_erased": R(
        "The applicant's data was erased.",
        "Send the applicant's details again without `applicant_id`: that makes a new applicant.",
    ),
    "file_not_ready": R(
        "The safe picture is made during screening, which is still running.",
        "Ask again after `document.in_review` or a decision, or ask with `variant=original`.",
    ),
    "file_not_masked": R(
        "The file may be an Aadhaar card of India, whose number is covered before anybody sees it. You said `IND` and "
        "it was not read yet, or it could not be read and no other country was said.",
        "Ask again after `document.in_review` or a decision. Say `issuing_country` when you send documents: those of "
        "other countries do not wait. One that could not be read has to be sent again, as a better picture.",
    ),
    "idempotency_in_progress": R(
        "Another request with the same `Idempotency-Key` is running right now.",
        "Wait as long as `Retry-After` says and repeat it: you get the answer of the first.",
    ),
    "file_too_large": R(
        "A file is larger than 15 MB, or its picture is larger than we decode.",
        "Scale the picture down: 2,000 pixels on the long side are plenty.",
    ),
    "request_too_large": R("The whole request is too large.", "Send fewer or smaller files, or less JSON."),
    "unsupported_media_type": R(
        "The body's `Content-Type` is not what this operation takes, or a file is none of JPEG, PNG, WebP, HEIC, TIFF "
        "and PDF by its content, whatever its name says.",
        "Send what the operation's Body section says; convert the file if it is one.",
    ),
    "invalid": R("Something in the request is wrong.", FIELD),
    "missing": R("A required field is not there.", FIELD),
    "unknown_field": R(
        "There is no field or parameter of this name. We refuse it rather than ignore a typing error of yours.",
        "Compare the name with the operation's list; `errors` says which one it is.",
    ),
    "duplicate_field": R(
        "A form field stands twice that is taken once.", "Send it once. Only `files` and `sides` repeat."
    ),
    "invalid_encoding": R("Text is not UTF-8.", "Encode the body, file names too, as UTF-8."),
    "control_characters": R(
        "Text holds characters that nobody can see.", "Strip control characters before you send it."
    ),
    "card_number": R(
        "A text holds what looks like the number of a payment card. They are not kept here.",
        "Leave it out, or send the last four digits. The number of a document belongs in `document_number`.",
    ),
    "invalid_json": R(
        "The text is not JSON, has a name twice, or holds NaN or Infinity.",
        "Write it with a JSON library and look at the place that `errors` names.",
    ),
    "invalid_type": R("A value is of another type, say text where a number belongs.", FIELD),
    "invalid_value": R("A value does not have the form that the field asks for.", FIELD),
    "invalid_choice": R("The value is none of those that are listed.", "Use one of the values in the field's list."),
    "invalid_country": R(
        "The country is not three capital letters of ISO 3166-1.", "Send `FRA`, not `FR` or `France`."
    ),
    "invalid_date": R(
        "The date does not exist or is written in another way.",
        "Write dates as `1990-04-12` and times as `2026-11-23T10:00:00Z`.",
    ),
    "text_length": R("The text says too little, or more than 2,000 characters.", FIELD),
    "reason_length": R("The reason says too little, or more than 2,000 characters.", FIELD),
    "out_of_range": R("A number is too small or too large.", FIELD),
    "too_long": R("Text, a list or JSON is longer or deeper than we take.", FIELD),
    "invalid_cursor": R(
        "We did not hand out this cursor, or it belongs to another list.",
        "Send `next_cursor` as it came, with the same filters, or start again without one.",
    ),
    "sides_mismatch": R("There are more or fewer `sides` than `files`.", "Send one side per file, in the same order."),
    "metadata_too_large": R("`metadata` is larger than 16 KB.", "Keep your own data on your side and send an id."),
    "too_many_files": R(
        "A document has at most six files.", "Send fewer, or put pages into one PDF of at most 10 pages."
    ),
    "applicant_conflict": R(
        "`applicant` and `applicant_id` were sent together, or they contradict what is replaced.",
        "Send `applicant_id` for somebody you sent before, `applicant` for somebody new.",
    ),
    "verification_conflict": R(
        "The verification belongs to another applicant or takes other documents.",
        "Send the `verification_id` that the applicant's first document answered, or none.",
    ),
    "file_empty": R("A file has no bytes.", "Look at how the file is read on your side before it is sent."),
    "file_corrupt": R("A file breaks off or cannot be decoded.", FILE),
    "file_encrypted": R("A PDF asks for a password.", "Ask the applicant for one without a password."),
    "image_too_small": R("A picture has too few pixels to read anything.", FILE),
    "too_many_pages": R("A PDF has more than 10 pages.", "Send the pages that matter."),
    "active_content": R(
        "A PDF holds scripts, forms that run, or attached files; or a file is a program or an archive as well.",
        "Print it into a new PDF and send that.",
    ),
    "resubmission_limit_exceeded": R(
        "The applicant has used up every attempt.",
        "Decide on your side; a new verification starts the count again.",
    ),
    "idempotency_mismatch": R(
        "The key was used within 24 hours for a request with another body.",
        "Make a new key for each new request; keep it only for repeating the very same one.",
    ),
    "unknown_event_type": R(
        "There is no event type of this name.",
        "Use a name of the event types on this page, or `document.*` for all of one kind where it says so.",
    ),
    "url_not_allowed": R(
        "The address is not https, does not resolve, or leads into a private network.",
        "Give an address that the internet can reach; `detail` says what is wrong with this one.",
    ),
    "invalid_description": R("The description is too long or holds letters that cannot be shown.", FIELD),
    "reason_unknown": R("There is no such reason.", "Use a code that a decision's `reasons` can hold."),
    "reasons_not_allowed": R("An outcome of this kind has no reasons.", "Leave `reasons` out."),
    "invalid_name": R("A name is one line of 1 to 80 letters that can be shown.", FIELD),
    "invalid_scope": R("There is no such scope, or none was named.", "Use scopes from the field's list."),
    "invalid_address": R(
        "An entry is neither an address nor a network.", "Write `203.0.113.7` or `203.0.113.0/24`, IPv6 likewise."
    ),
    "too_many_addresses": R("A key has at most 50 addresses or networks.", "Name networks in the place of addresses."),
    "invalid_expiry": R("The time is over, or has no zone.", "Send a time to come, such as `2027-01-01T00:00:00Z`."),
    "unknown_attribute": R("There is no such attribute.", "Use names of the field's list."),
    "quota_exceeded": R(
        "The documents of this month are used up.",
        "`GET /quota` says when the month ends; write to us for more. Nothing was stored.",
    ),
    "too_many_requests": R(
        "The key, all keys of the company together, or the address without a key asked more often than is allowed.",
        "Wait as long as `Retry-After` says, and read `RateLimit` to stay below.",
    ),
    "internal_error": R("Something broke on our side; nothing is half-done.", AGAIN),
    "unavailable": R("A part of the service is away for the moment; nothing was stored.", AGAIN),
    "region_unavailable": R(
        "The storage or the key of the region that your data is in is not set up on this server; nothing was stored, "
        "there or elsewhere.",
        "Tell us; we have to set it up. Then send the request again, with the same `Idempotency-Key`.",
    ),
}
"""Every code of `problems.TITLES`, explained."""
