"""What the store says to people when it refuses, by code, in Korean and English.

A refusal carries its own English sentence; where a code stands here, the sentence for people
replaces it.
"""

from typing import Literal

from edge_agent.kernel.errors import Refused

Language = Literal["ko", "en"]

_KOREAN = {
    "not_signed_in": "먼저 로그인해 주세요.",
    "still_recording": "앞 지점을 아직 기록하고 있습니다.",
    "off_the_floor": "평면도 밖의 위치입니다.",
    "survey_full": "기록할 수 있는 지점 수를 넘었습니다.",
    "spot_unknown": "없는 지점입니다.",
    "nothing_recorded": "먼저 지점을 기록해 주세요.",
    "not_allowed": "이 로그인으로는 할 수 없는 작업입니다.",
    "key_unknown": "맞지 않는 키입니다.",
    "too_many_attempts": "시도가 너무 많습니다. 1분 뒤에 다시 해 주세요.",
    "code_unknown": "이미 사용했거나 만료된 코드입니다.",
    "in_flight": "같은 요청을 처리하고 있습니다.",
    "key_reused": "다른 요청에 사용된 키입니다.",
    "coupon_unknown": "없는 쿠폰입니다.",
    "coupon_redeemed": "이미 사용한 쿠폰입니다.",
    "coupon_expired": "기간이 지난 쿠폰입니다.",
    "already_collected": "이미 수령한 주문입니다.",
    "not_ready": "아직 준비 중인 주문입니다.",
    "in_locker": "보관함에 있는 주문입니다. 픽업 패스로 문을 열어 주세요.",
    "not_parked": "보류된 사실이 아닙니다.",
    "refused_again": "다시 처리하지 못했습니다. 사유를 확인해 주세요.",
    "restored": "매장 기록을 복원했습니다. 클라우드에서 확인한 뒤에 내어 드립니다.",
    "pass_invalid": "확인할 수 없는 픽업 패스입니다. 직원에게 문의해 주세요.",
    "pass_expired": "기간이 지난 픽업 패스입니다. 직원에게 문의해 주세요.",
    "wrong_store": "다른 매장의 픽업 패스입니다.",
    "order_unknown": "없는 주문입니다.",
    "beacon_taken": "다른 고객에게 등록된 비콘입니다.",
    "at_desk": "픽업 데스크에 있는 주문입니다.",
    "key_too_long": "Idempotency-Key가 너무 깁니다.",
    "already_picking": "다른 직원이 상품을 모으고 있는 주문입니다.",
    "already_picked": "이미 상품을 모은 주문입니다.",
    "not_picking": "먼저 상품 모으기를 시작해 주세요.",
    "not_picked": "먼저 상품을 모아 주세요.",
    "already_staged": "이미 자리가 정해진 주문입니다.",
    "door_opening": "문을 여는 중입니다.",
    "being_collected": "고객이 열린 문 앞에 있습니다.",
    "not_cancelled": "취소된 주문만 꺼낼 수 있습니다.",
    "order_rejected": "매장이 받지 않은 주문입니다.",
    "device_unknown": "이 매장에 없는 기기입니다.",
    "mirror_unknown": "이 매장에 없는 미러입니다.",
    "shopper_unknown": "등록되지 않은 고객입니다.",
    "already_joined": "이미 등록을 마친 휴대폰입니다.",
    "text_outdated": "동의서 내용이 바뀌었습니다. 다시 읽고 동의해 주세요.",
    "receipt_invalid": "이 매장에서 발급하지 않았거나 변경된 확인서입니다.",
    "cancelled": "취소된 주문입니다.",
    "no_compartment": "비어 있는 보관함이 없습니다.",
    "location_off": "위치 확인에 동의해야 사용할 수 있습니다.",
    "too_often": "너무 자주 보내고 있습니다. 잠시 뒤에 다시 보내 주세요.",
    "storage_unavailable": "지금은 저장할 수 없어 처리하지 못했습니다. 직원에게 알려 주세요.",
    "log_full": "클라우드로 보내지 못한 기록이 가득 차서 처리하지 못했습니다. 매장 컴퓨터의 인터넷"
    " 연결을 확인하도록 담당자에게 알려 주세요.",
    "disk_full": "매장 컴퓨터의 저장 공간이 가득 차서 처리하지 못했습니다. 공간을 비우도록"
    " 담당자에게 알려 주세요.",
    "bank_silent": "보관함이 응답하지 않습니다. 직원이 도와드리겠습니다.",
    "wrong_bank": "다른 보관함에 있는 주문입니다.",
}


def language_of(accept_language: str) -> Language:
    """The better of our two languages for an Accept-Language header; English in doubt."""
    for part in accept_language.lower().split(","):
        tag = part.strip()
        if tag.startswith("ko"):
            return "ko"
        if tag.startswith("en"):
            return "en"
    return "en"


def in_words(refusal: Refused, language: Language) -> str:
    """The sentence for a person."""
    return _KOREAN.get(refusal.code, str(refusal)) if language == "ko" else str(refusal)
