"""What each action of the audit log is called on the page.

tests/home/test_audit_words.py demands words for every one. Words stay when an action does not: old entries keep it.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    # the village and its offices
    "create_village": _("新建村（社区）"),
    "merge_villages": _("并入别的村（社区）"),
    "take_village_in": _("接收并入的村（社区）"),
    "mark_pilot": _("认定示范点"),
    "end_pilot": _("示范点结束"),
    "import_regions": _("导入行政区划"),
    "appoint": _("任职"),
    "end_office": _("免职或者任期结束"),
    "add_operator": _("加入运营人员"),
    "remove_operator": _("移出运营人员"),
    # two people
    "propose": _("提出，等第二人确认"),
    "decide_proposal": _("第二人答复"),
    # the roll
    "import_roll": _("导入名册"),
    "change_roll": _("修改名册"),
    "end_resident": _("从名册移出"),
    "export_roll": _("下载名册"),
    "see_phone": _("查看完整电话"),
    "ask_correction": _("要求更正名册"),
    "take_up_correction": _("受理更正"),
    "refuse_correction": _("不予更正"),
    "withdraw_correction": _("撤回更正要求"),
    # who somebody is
    "confirm_claim": _("确认居民身份"),
    "end_claim": _("解除账号和名册的对应"),
    "ask_claim": _("申请确认身份"),
    "refuse_claim": _("不同意身份申请"),
    "withdraw_claim": _("撤回身份申请"),
    "bring_in": _("当面帮人登录"),
    "came_in_at_desk": _("当面登录成功"),
    "print_codes": _("打印登录代码"),
    "release_number": _("手机号换了人"),
    "change_number": _("更换手机号"),
    "end_sign_ins": _("退出其他设备的登录"),
    "copy_own_data": _("下载自己的资料"),
    "withdraw_consent": _("撤回同意"),
    "delete_account": _("注销账号"),
    "forget_expired": _("清理到期的个人信息"),
    # topics
    "raise_topic": _("提出议题"),
    "second_topic": _("附议"),
    "unsecond_topic": _("撤回附议"),
    "withdraw_topic": _("撤回议题"),
    "write_down_topic": _("写下议题的语音"),
    "answer_topic": _("答复议题"),
    "assign_follow_up": _("布置落实事项"),
    "report_follow_up": _("报落实事项的情况"),
    "hand_over_follow_up": _("换落实事项的负责人"),
    "miss_follow_up": _("落实事项过期没办好"),
    "miss_topic": _("议题过了期限没有答复"),
    # meetings
    "export_ledger": _("下载议事协商台账"),
    "call_meeting": _("筹备会议"),
    "publish_notice": _("发出会议通知"),
    "add_document": _("放会议材料"),
    "remove_document": _("删会议材料"),
    "show_document": _("改会议材料给谁看"),
    "open_meeting": _("会议开始"),
    "confirm_quorum": _("确认到会人数"),
    "check_in": _("签到"),
    "undo_check_in": _("撤销签到"),
    "change_place": _("换会场"),
    "guest_came": _("邀请的人到会"),
    "guest_not_here": _("撤销邀请的人到会"),
    "check_out": _("离开会场"),
    "go_to_item": _("进入下一项议程"),
    "hand_over": _("交接会议职务"),
    "close_meeting": _("会议结束"),
    "adjourn_meeting": _("休会"),
    "cancel_meeting": _("取消会议"),
    "publish_results": _("公布会议结果"),
    "name_substitute": _("户里换人投票"),
    "grant_proxy": _("登记委托投票"),
    "end_proxy": _("委托结束"),
    "start_kiosk": _("启用投票平板"),
    "end_kiosk": _("停用投票平板"),
    "take_temperature": _("摸一摸大家的想法（不是表决）"),
    "end_temperature": _("摸想法结束（只记多少人按了）"),
    "reject_question": _("不放出会上的提问"),
    # motions
    "table_motion": _("提出表决事项"),
    "withdraw_motion": _("撤回表决事项"),
    "open_motion": _("开始表决"),
    "pause_motion": _("暂停表决"),
    "resume_motion": _("继续表决"),
    "close_motion": _("停止表决"),
    "change_ballot": _("改投（记名表决；不记选了什么）"),
    "enter_hands": _("录入举手票数"),
    "enter_paper": _("录入纸票票数"),
    "enter_belenios": _("录入 Belenios 结果"),
    "decide_motion": _("计票，定结果"),
    "dispute_motion": _("票数对不上，暂不公布"),
    "interrupt_motion": _("表决因恢复备份而中断"),
    "settle_motion": _("两人处理表决"),
    "destroy_key": _("销毁无记名票的钥匙"),
    "export_voters": _("导出投票人名单"),
    # minutes
    "draft_minutes": _("起草会议记录"),
    "edit_minutes": _("修改会议记录"),
    "check_minutes": _("核对会议记录"),
    "return_minutes": _("退回会议记录"),
    "sign_minutes": _("签署会议记录"),
    "add_to_minutes": _("会议记录补记"),
    "publish_minutes": _("公布会议记录"),
    # the site
    "make_backup": _("备份"),
    "restore_backup": _("恢复备份"),
}


def action_words(action: str) -> str:
    """In plain Chinese; an action of a newer program is shown as it is written."""
    return str(ACTIONS.get(action, action))
