// The files of the console's page, embedded. A new one is two lines here.
#include "CConsolePage.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char api_js[] = {
#embed "../ParleyConsole/Page/api.js"
};
static const unsigned char browse_js[] = {
#embed "../ParleyConsole/Page/browse.js"
};
static const unsigned char chat_js[] = {
#embed "../ParleyConsole/Page/chat.js"
};
static const unsigned char dom_js[] = {
#embed "../ParleyConsole/Page/dom.js"
};
static const unsigned char drawer_js[] = {
#embed "../ParleyConsole/Page/drawer.js"
};
static const unsigned char early_js[] = {
#embed "../ParleyConsole/Page/early.js"
};
static const unsigned char en_js[] = {
#embed "../ParleyConsole/Page/en.js"
};
static const unsigned char feed_js[] = {
#embed "../ParleyConsole/Page/feed.js"
};
static const unsigned char health_js[] = {
#embed "../ParleyConsole/Page/health.js"
};
static const unsigned char icon_svg[] = {
#embed "../ParleyConsole/Page/icon.svg"
};
static const unsigned char index_html[] = {
#embed "../ParleyConsole/Page/index.html"
};
static const unsigned char kept_js[] = {
#embed "../ParleyConsole/Page/kept.js"
};
static const unsigned char live_js[] = {
#embed "../ParleyConsole/Page/live.js"
};
static const unsigned char main_js[] = {
#embed "../ParleyConsole/Page/main.js"
};
static const unsigned char outgoing_js[] = {
#embed "../ParleyConsole/Page/outgoing.js"
};
static const unsigned char send_js[] = {
#embed "../ParleyConsole/Page/send.js"
};
static const unsigned char show_js[] = {
#embed "../ParleyConsole/Page/show.js"
};
static const unsigned char socket_js[] = {
#embed "../ParleyConsole/Page/socket.js"
};
static const unsigned char state_js[] = {
#embed "../ParleyConsole/Page/state.js"
};
static const unsigned char style_css[] = {
#embed "../ParleyConsole/Page/style.css"
};
static const unsigned char text_js[] = {
#embed "../ParleyConsole/Page/text.js"
};
static const unsigned char words_js[] = {
#embed "../ParleyConsole/Page/words.js"
};
static const unsigned char zh_js[] = {
#embed "../ParleyConsole/Page/zh.js"
};

#define FILE(name, bytes) {name, bytes, sizeof bytes}

static const struct console_file files[] = {
    FILE("api.js", api_js),
    FILE("browse.js", browse_js),
    FILE("chat.js", chat_js),
    FILE("dom.js", dom_js),
    FILE("drawer.js", drawer_js),
    FILE("early.js", early_js),
    FILE("en.js", en_js),
    FILE("feed.js", feed_js),
    FILE("health.js", health_js),
    FILE("icon.svg", icon_svg),
    FILE("index.html", index_html),
    FILE("kept.js", kept_js),
    FILE("live.js", live_js),
    FILE("main.js", main_js),
    FILE("outgoing.js", outgoing_js),
    FILE("send.js", send_js),
    FILE("show.js", show_js),
    FILE("socket.js", socket_js),
    FILE("state.js", state_js),
    FILE("style.css", style_css),
    FILE("text.js", text_js),
    FILE("words.js", words_js),
    FILE("zh.js", zh_js),
};

int console_file_count(void) { return sizeof files / sizeof files[0]; }

const struct console_file *console_file_at(int index) { return &files[index]; }
