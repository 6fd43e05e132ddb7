"""Models without personal data: column names only, so that a new column is looked at."""

PLAIN = {
    "portal.Pulse": "name at",
    "portal.AuditBatch": "number made_at previous head rows upto",
    "portal.AuditSeal": "id batch source row digest marks",
    "agencies.Unit": "id kind code name article phone email address time_zone holiday_region",
    "agencies.OpeningHours": "id unit weekday opens closes",
    "agencies.Closure": "id unit first_day last_day label",
    "agencies.Desk": "id unit kind name",
    "agencies.Sector": "id unit name",
    "agencies.Residence": "id code name unit sector commune postcode priority_district district",
    "agencies.Building": "id residence code built latitude longitude",
    "agencies.Staircase": "id building code street hall_code",
    "agencies.UnitName": "id key unit",
    "agencies.Equipment": "id building staircase kind label contract installed label_code",
    "agencies.Trade": "id code label_fr label_en",
    "agencies.MaintenanceContract": (
        "id code name contractor trade families categories equipment_kinds starts ends hours "
        "flat_fee spend_limit units residences buildings"
    ),
    "agencies.Commitment": "id contract urgency hours",
    "agencies.PriceItem": "id contract code label measure price",
    "agencies.UpkeepPeriod": "id contract equipment what every_days note",
    "requests.Family": "id code label_fr label_en tile picto position",
    "requests.Category": (
        "id code family label_fr label_en plain_language_fr plain_language_en safety_advice_fr "
        "safety_advice_en responsible urgency ack_hours resolve_days handled_by asset "
        "legal_source tile picture public_rank sensitive collective active version"
    ),
    "requests.Label": "id code label_fr label_en sign active",
    "requests.Complaint": "id claim about",
    "requests.Route": "kind name address website phone",
    "requests.CannedReply": "id unit name language body",
    "requests.MessageText": "id event channel language body active",
    "requests.PromiseTerm": "id kind urgency category hours",
    "requests.Pause": "id claim reason starts_at ends_at",
    "requests.EscalationStep": "id promise level due_at done_at",
    "requests.Rule": "id unit name position conditions outcome active version failure",
    "requests.RuleCount": "id rule slot sent changed decided accepted",
    "requests.Sensor": (
        "id slug name equipment building category unit above below for_minutes margin "
        "silent_minutes active digest last_value last_at heard_at breach_since silent_since"
    ),
    "requests.Reading": "id sensor at value",
    "requests.SensorFault": "id sensor equipment category value opened_at cleared_at claim",
    # Thin: the claim's key and its state (requests/webhooks/event_types.py).
    "requests.WebhookMessage": (
        "id endpoint event kind payload state tries planned created_at next_at delivered_at"
    ),
    "requests.WebhookAttempt": "id message at status error milliseconds",
    "requests.MapBackground": "id kind file address hosts attribution zoom_limit",
    "requests.WarningList": "id made_at learned equipment months listed hits naive_hits base",
    "requests.EquipmentWarning": "id list equipment chance facts weights place",
    "requests.SurveyQuestion": "id survey position text_fr text_en",
    "requests.Sharing": "id desk skills sectors most_in_hand",
    "requests.LentClaim": "id help claim",
    "requests.OrderLine": "id order item label quantity price",
    "requests.WeeklySlot": "id contractor team weekday starts ends minutes capacity sectors",
    "requests.Slot": "id contractor team starts ends weekly by_week withdrawn",
    "requests.OfferOption": "id offer number slot",
    "requests.FigureClock": "id at definition",
    "requests.PublishedTable": "name upto rows",
    "requests.Rollup": "id by period unit one two measure values counts",
    "requests.StockCount": "residence unit dwellings",
    "requests.TouchedClaim": "id claim_id",
    "requests.RetentionRun": (
        "id kind day months action began_at ended_at batches touched kept_back"
    ),
}
